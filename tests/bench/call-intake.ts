/**
 * Intake through to the call actors: from the bytes of the socket to calls that have been welcomed, marked, given
 * to their owner and a tenant, answered, played to, hung up, stored after each step and forgotten. The switch is
 * a process of its own that replays a recorded call; the node and its calls have the one thread of this one.
 *
 * Beside it modesl's parser alone on the same bytes from the same socket: what its users have spent before the
 * first line of their own.
 */
import { fork } from 'node:child_process';
import { type EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { systemClock } from '../../core/src/boot/clock.ts';
import type { CallState } from '../../core/src/freeswitch/call/call-state.ts';
import type { CallStore } from '../../core/src/freeswitch/call/call-store.ts';
import { createCallService } from '../../core/src/freeswitch/call/plugin-calls.ts';
import { modesl } from '../../core/src/freeswitch/event-socket/modesl.ts';
import { FreeswitchNode } from '../../core/src/freeswitch/switch/freeswitch-node.ts';
import type { SwitchAddress } from '../../core/src/freeswitch/switch/url.ts';
import { perSecond, tell, times } from './bench.ts';
import type { Prepared } from './call-intake-sender.ts';

const CALLS = 1_500;
const RUNS = 5;

interface Sender {
  readonly address: SwitchAddress;
  prepare(calls: number): Promise<Prepared>;
  go(): void;
  stop(): void;
}

async function startSender(): Promise<Sender> {
  const child = fork(fileURLToPath(new URL('./call-intake-sender.js', import.meta.url)));
  const [address] = (await once(child, 'message')) as [SwitchAddress];
  return {
    address,
    async prepare(calls) {
      child.send(calls);
      const [prepared] = (await once(child, 'message')) as [Prepared];
      return prepared;
    },
    go: () => child.send('go'),
    stop: () => child.disconnect(),
  };
}

/** Rows are text, as in a database; nothing waits for a disk. */
function memoryStore(): CallStore {
  const rows = new Map<string, string>();
  return {
    async save(state) {
      rows.set(state.id, JSON.stringify(state));
    },
    async remove(id) {
      rows.delete(id);
    },
    load: async () => [...rows.values()].map((row) => JSON.parse(row) as CallState),
  };
}

/** Waits until `count` has been reached; `one` counts. */
function countdown(count: number): { one(): void; readonly done: Promise<void> } {
  let left = count;
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    one() {
      left--;
      if (left === 0) finish();
    },
    done,
  };
}

/** Starts a node and its calls; the result measures one burst. */
async function ours(): Promise<{
  measure(calls: number): Promise<number>;
  bytes(): number;
  stop(): Promise<void>;
}> {
  const sender = await startSender();
  const log = pino({ level: 'silent' });
  const node = new FreeswitchNode({ nodeId: 'bench', address: sender.address, log });
  const service = createCallService({
    node,
    store: memoryStore(),
    clock: systemClock,
    log,
    recordingDir: '/tmp',
    browserPhonePath: null,
    activePlugins: () => new Set(['owner']),
    isActive: () => true,
    onError: (_plugin, _point, error) => {
      throw error;
    },
  });
  let ended = countdown(0);
  let changes = 0;
  const owner = service.forPlugin('owner', () => undefined);
  owner.onInbound(async (call) => {
    await call.assign('tenant');
    if (!call.signal.aborted) await once(call.signal, 'abort');
    ended.one();
  });
  owner.onResume(async () => undefined);
  owner.onChange(() => changes++);
  await service.start();
  node.start();
  while (node.state.state !== 'connected') await new Promise((resolve) => setTimeout(resolve, 5));
  let perEvent = 0;
  return {
    async measure(calls) {
      const { events, bytes } = await sender.prepare(calls);
      perEvent = bytes / events;
      changes = 0;
      ended = countdown(calls);
      const start = performance.now();
      sender.go();
      await ended.done;
      const elapsed = performance.now() - start;
      // answered, a key, the leg's end, the call's end
      if (changes < calls * 4) throw new Error(`only ${changes} changes of ${calls} calls`);
      return perSecond(events, elapsed);
    },
    bytes: () => Math.round(perEvent),
    async stop() {
      await service.stop();
      await node.stop();
      sender.stop();
    },
  };
}

async function theirs(): Promise<{ measure(calls: number): Promise<number>; stop(): void }> {
  const sender = await startSender();
  const socket = connect(sender.address.port, sender.address.host);
  await once(socket, 'data'); // the greeting
  const parser = new modesl.Parser(socket as EventEmitter);
  let parsed = countdown(0);
  parser.on('esl::event', () => parsed.one());
  return {
    async measure(calls) {
      const { events } = await sender.prepare(calls);
      parsed = countdown(events);
      const start = performance.now();
      sender.go();
      await parsed.done;
      return perSecond(events, performance.now() - start);
    },
    stop() {
      socket.destroy();
      sender.stop();
    },
  };
}

process.removeAllListeners('warning'); // modesl's `new Buffer()`
const mine = await ours();
const peer = await theirs();
await mine.measure(100); // warm-up
await peer.measure(100);
const runs = await times(RUNS, async () => ({
  mine: await mine.measure(CALLS),
  peer: await peer.measure(CALLS),
}));
tell({
  what: `event socket, bytes to call actors: ${CALLS} calls, ${mine.bytes()} bytes an event, one thread`,
  unit: 'events/s',
  runs: runs.map((run) => run.mine),
  peer: { name: "modesl's parser alone, same bytes", runs: runs.map((run) => run.peer) },
  aim: { of: 'value', atLeast: 5_000 },
});
await mine.stop();
peer.stop();
