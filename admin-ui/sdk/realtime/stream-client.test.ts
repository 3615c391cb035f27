import { describe, expect, it } from 'vitest';
import { createStreamClient, type StreamHandlers, type StreamTransport } from './stream-client.ts';
import type { Cursor, StreamMessage, SubscribeReply } from './wire.ts';

/** A connection that answers when told to. */
function fakeTransport() {
  const listeners = {
    connect: [] as (() => void)[],
    message: [] as ((m: StreamMessage) => void)[],
    closed: [] as ((c: { stream: string; code: string }) => void)[],
  };
  const requests: { stream: string; since?: Cursor; reply: (reply: SubscribeReply) => Promise<void> }[] = [];
  const left: string[] = [];
  const transport: StreamTransport = {
    connected: () => true,
    onConnect: (l) => void listeners.connect.push(l),
    onDisconnect: () => undefined,
    onMessage: (l) => void listeners.message.push(l),
    onClosed: (l) => void listeners.closed.push(l),
    subscribe: (request) =>
      new Promise((resolve) => {
        requests.push({
          ...request,
          reply: async (reply) => {
            resolve(reply);
            await Promise.resolve();
            await Promise.resolve();
          },
        });
      }),
    unsubscribe: (stream) => void left.push(stream),
  };
  return {
    transport,
    requests,
    left,
    say: (m: StreamMessage) => listeners.message.forEach((l) => void l(m)),
    close: (stream: string, code: string) => listeners.closed.forEach((l) => void l({ stream, code })),
  };
}
function setup() {
  const fake = fakeTransport();
  const timers: (() => void)[] = [];
  const faults: unknown[] = [];
  const client = createStreamClient(fake.transport, {
    later: (fn) => {
      timers.push(fn);
      return () => undefined;
    },
    onFault: (error) => faults.push(error),
  });
  return { ...fake, client, timers, faults };
}
function viewer(): StreamHandlers & { readonly shown: unknown[] } {
  const shown: unknown[] = [];
  return { shown, onSnapshot: (value) => void shown.push(value), onMessage: (m) => void shown.push(m.data) };
}
const snapshot = (seq: number, value: unknown): SubscribeReply => ({
  ok: true,
  kind: 'snapshot',
  epoch: 'e',
  seq,
  snapshot: value,
});
const message = (seq: number): StreamMessage => ({
  stream: 'a/b/me',
  epoch: 'e',
  seq,
  type: 't',
  data: seq,
  at: 0,
});

describe('the streams of a tab', () => {
  it('asks once for several who look at the same stream in one moment', async () => {
    const { client, requests, say } = setup();
    const [one, two] = [viewer(), viewer()];
    client.open('a/b/me', one);
    client.open('a/b/me', two);
    expect(requests).toHaveLength(1);
    await requests[0]?.reply(snapshot(0, 'now'));
    say(message(1));
    expect(one.shown).toEqual(['now', 1]);
    expect(two.shown).toEqual(['now', 1]);
  });

  it('gives a later viewer a snapshot of its own, and loses nothing for the first', async () => {
    const { client, requests, say } = setup();
    const [one, two] = [viewer(), viewer()];
    client.open('a/b/me', one);
    await requests[0]?.reply(snapshot(0, 'old'));
    say(message(1));
    client.open('a/b/me', two);
    expect(requests[1]?.since).toBeUndefined();
    say(message(2));
    await requests[1]?.reply(snapshot(2, 'new'));
    say(message(3));
    expect(two.shown).toEqual(['new', 3]);
    expect(one.shown).toEqual(['old', 1, 'new', 3]);
  });

  it('leaves the stream when the last one has gone', async () => {
    const { client, left } = setup();
    const closeOne = client.open('a/b/me', viewer());
    const closeTwo = client.open('a/b/me', viewer());
    closeOne();
    expect(left).toEqual([]);
    closeTwo();
    closeTwo();
    expect(left).toEqual(['a/b/me']);
  });

  it('asks again after a refusal that passes, and not after one that stays', async () => {
    const { client, requests, timers } = setup();
    client.open('a/b/me', viewer());
    await requests[0]?.reply({ ok: false, code: 'UNAVAILABLE', message: '' });
    timers[0]?.();
    expect(requests).toHaveLength(2);
    await requests[1]?.reply({ ok: false, code: 'FORBIDDEN', message: '' });
    expect(timers).toHaveLength(1);
  });

  it('goes on with the other viewers when one throws', async () => {
    const { client, requests, faults } = setup();
    const good = viewer();
    client.open('a/b/me', {
      onSnapshot() {
        throw new Error('of one viewer');
      },
      onMessage: () => undefined,
    });
    client.open('a/b/me', good);
    await requests[0]?.reply(snapshot(0, 'now'));
    expect(good.shown).toEqual(['now']);
    expect(faults).toHaveLength(1);
  });

  it('asks anew when it is opened after the plugin was switched off', async () => {
    const { client, requests, close } = setup();
    client.open('a/b/me', viewer());
    await requests[0]?.reply(snapshot(0, 'now'));
    close('a/b/me', 'PLUGIN_NOT_ENABLED');
    client.open('a/b/me', viewer());
    expect(requests).toHaveLength(2);
  });
});
