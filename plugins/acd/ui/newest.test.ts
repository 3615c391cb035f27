import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNewest } from './newest.ts';

/** A page beside a server: what is shown, and the two ways on which it comes. */
function page() {
  const newest = createNewest();
  const page = {
    shown: 'nothing',
    told(state: string) {
      newest.heard();
      page.shown = state;
    },
    asks(request: () => Promise<string>) {
      return newest.ask(request, (answer) => {
        page.shown = answer;
      });
    },
  };
  return page;
}

describe('the state of an agent on his own page', () => {
  it('is not set back by an answer that was given before what the stream has said since', async () => {
    const grace = page();
    grace.told('wrap-up');
    // "Finish" is answered while her leg is still being hung up; the stream is the faster of the two.
    await grace.asks(async () => {
      const answer = 'busy';
      grace.told('busy');
      grace.told('idle');
      return answer;
    });
    expect(grace.shown).toBe('idle');
  });

  it('is what the answer says while the stream is silent', async () => {
    const grace = page();
    grace.told('wrap-up');
    expect(await grace.asks(async () => 'idle')).toBe('idle');
    expect(grace.shown).toBe('idle');
  });

  it('stays as it was when the request fails', async () => {
    const grace = page();
    grace.told('wrap-up');
    await expect(grace.asks(() => Promise.reject(new Error('the network is away')))).rejects.toThrow();
    expect(grace.shown).toBe('wrap-up');
  });

  it('is in the end the last one of the server, however stream and answers overtake each other', async () => {
    await fc.assert(
      fc.asyncProperty(
        // What comes first to the server or to the page: a change, a request, a message, an answer.
        fc.array(fc.constantFrom('change', 'request', 'message', 'answer'), { maxLength: 40 }),
        async (course) => {
          const grace = page();
          let changes = 0;
          let state = 'state 0';
          const messages = [state];
          const answers: (() => Promise<unknown>)[] = [];
          const steps = {
            change() {
              changes += 1;
              state = `state ${changes}`;
              messages.push(state);
            },
            request() {
              let give = (_answer: string) => {};
              const asked = grace.asks(
                () =>
                  new Promise((resolve) => {
                    give = resolve;
                  }),
              );
              const answer = state;
              answers.push(() => {
                give(answer);
                return asked;
              });
            },
            message() {
              const message = messages.shift();
              if (message !== undefined) grace.told(message);
            },
            answer: () => answers.shift()?.(),
          };
          for (const step of course) await steps[step]();
          while (messages.length > 0) steps.message();
          while (answers.length > 0) await steps.answer();
          expect(grace.shown).toBe(state);
        },
      ),
      { seed: 20261120, numRuns: 500 },
    );
  });
});
