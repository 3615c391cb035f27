import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialStream, type StreamInput, type StreamState, stepStream } from './stream-state.ts';
import type { StreamMessage, SubscribeReply } from './wire.ts';

const message = (seq: number, epoch = 'e1'): StreamMessage => ({
  stream: 's',
  epoch,
  seq,
  type: 'x',
  data: seq,
  at: 0,
});
const snapshot = (seq: number, epoch = 'e1'): SubscribeReply => ({
  ok: true,
  kind: 'snapshot',
  epoch,
  seq,
  snapshot: `s${seq}`,
});
const resumed = (seq: number, missed: StreamMessage[]): SubscribeReply => ({
  ok: true,
  kind: 'resumed',
  epoch: 'e1',
  seq,
  missed,
});

/** Feeds inputs; tells what was handed on (`s5`: snapshot at 5, `5`: message 5) and what was asked. */
function run(inputs: readonly (StreamInput | ((state: StreamState) => StreamInput))[]) {
  let state = initialStream;
  const shown: string[] = [];
  const asked: (number | null)[] = [];
  for (const input of inputs) {
    const step = stepStream(state, typeof input === 'function' ? input(state) : input);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'snapshot') shown.push(String(effect.snapshot));
      else if (effect.type === 'message') shown.push(String(effect.message.seq));
      else asked.push(effect.since?.seq ?? null);
    }
  }
  return { state, shown, asked };
}
const answer =
  (reply: SubscribeReply) =>
  (state: StreamState): StreamInput => ({ type: 'reply', attempt: state.attempt, reply });
const say = (m: StreamMessage): StreamInput => ({ type: 'message', message: m });

describe('one stream', () => {
  it('begins with the snapshot and hands on what follows it', () => {
    const { shown, state } = run([
      { type: 'connected' },
      answer(snapshot(4)),
      say(message(5)),
      say(message(6)),
    ]);
    expect(shown).toEqual(['s4', '5', '6']);
    expect(state.status).toBe('live');
  });

  it('keeps messages that overtake the reply and drops those the snapshot already holds', () => {
    const { shown } = run([
      { type: 'connected' },
      say(message(6)),
      say(message(5)),
      say(message(4)),
      answer(snapshot(4)),
    ]);
    expect(shown).toEqual(['s4', '5', '6']);
  });

  it('[core-38] asks for what it missed after the connection was lost, from where it was', () => {
    const { shown, asked, state } = run([
      { type: 'connected' },
      answer(snapshot(4)),
      say(message(5)),
      { type: 'disconnected' },
      { type: 'connected' },
      say(message(8)),
      answer(resumed(7, [message(6), message(7)])),
    ]);
    expect(asked).toEqual([null, 5]);
    expect(shown).toEqual(['s4', '5', '6', '7', '8']);
    expect(state.status).toBe('live');
  });

  it('is stale, not empty, while the connection is away', () => {
    expect(run([{ type: 'connected' }, answer(snapshot(4)), { type: 'disconnected' }]).state.status).toBe(
      'stale',
    );
  });

  it('begins anew when the server was restarted', () => {
    const { shown, asked } = run([
      { type: 'connected' },
      answer(snapshot(9)),
      say(message(1, 'e2')),
      answer(snapshot(1, 'e2')),
      say(message(2, 'e2')),
    ]);
    expect(asked).toEqual([null, 9]);
    expect(shown).toEqual(['s9', 's1', '2']);
  });

  it('closes a gap by asking, and shows nothing out of order meanwhile', () => {
    const { shown, asked } = run([
      { type: 'connected' },
      answer(snapshot(1)),
      say(message(4)),
      answer(resumed(3, [message(2), message(3)])),
    ]);
    expect(asked).toEqual([null, 1]);
    expect(shown).toEqual(['s1', '2', '3', '4']);
  });

  it('ignores the reply to a request that a later one replaced', () => {
    const { shown } = run([
      { type: 'connected' },
      { type: 'disconnected' },
      { type: 'connected' },
      { type: 'reply', attempt: 1, reply: snapshot(1) },
      answer(snapshot(2)),
    ]);
    expect(shown).toEqual(['s2']);
  });

  it('stays closed when the plugin is switched off, and asks again when only the network was slow', () => {
    const off = run([
      { type: 'connected' },
      answer(snapshot(1)),
      { type: 'closed', code: 'PLUGIN_NOT_ENABLED' },
      { type: 'connected' },
    ]);
    expect(off.state).toMatchObject({ status: 'closed', error: { code: 'PLUGIN_NOT_ENABLED' } });
    expect(off.asked).toEqual([null]);
    expect(
      run([{ type: 'connected' }, answer(snapshot(1)), { type: 'closed', code: 'RATE_LIMITED' }]).asked,
    ).toEqual([null, 1]);
  });

  it('shows every message once and in order, whatever the network does', () => {
    const network = fc.array(fc.constantFrom('publish', 'deliver', 'duplicate', 'lose', 'cut', 'reply'), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(network, (steps) => {
        let state = initialStream;
        let head = 0;
        let seen: number[] = [];
        let wire: StreamMessage[] = [];
        let request: { attempt: number; since: number | null } | null = null;
        const feed = (input: StreamInput) => {
          const step = stepStream(state, input);
          state = step.state;
          for (const effect of step.effects) {
            if (effect.type === 'subscribe')
              request = { attempt: effect.attempt, since: effect.since?.seq ?? null };
            else if (effect.type === 'snapshot')
              seen = Array.from({ length: Number(effect.snapshot) }, (_, i) => i + 1);
            else seen.push(effect.message.seq);
          }
        };
        const reply = () => {
          if (!request) return;
          const { attempt, since } = request;
          request = null;
          const missed = Array.from({ length: head - (since ?? 0) }, (_, i) => message((since ?? 0) + i + 1));
          feed({
            type: 'reply',
            attempt,
            reply:
              since === null
                ? { ok: true, kind: 'snapshot', epoch: 'e1', seq: head, snapshot: head }
                : resumed(head, missed),
          });
        };
        feed({ type: 'connected' });
        for (const step of steps) {
          if (step === 'publish') {
            head += 1;
            wire.push(message(head));
          } else if (step === 'lose') wire.shift();
          else if (step === 'cut') {
            wire = [];
            feed({ type: 'disconnected' });
            feed({ type: 'connected' });
          } else if (step === 'reply') reply();
          else {
            const first = step === 'deliver' ? wire.shift() : wire[0];
            if (first) feed(say(first));
          }
        }
        for (const rest of wire) feed(say(rest));
        feed({ type: 'disconnected' });
        feed({ type: 'connected' });
        reply();
        expect(seen).toEqual(Array.from({ length: head }, (_, i) => i + 1));
        expect(state.status).toBe('live');
      }),
      { seed: 20261120, numRuns: 500 },
    );
  });
});
