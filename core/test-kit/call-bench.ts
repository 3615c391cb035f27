import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../src/boot/clock.ts';
import type { CallState } from '../src/freeswitch/call/call-state.ts';
import type { CallStore } from '../src/freeswitch/call/call-store.ts';
import type { Call, CallChange } from '../src/freeswitch/call/contract.ts';
import { type CallService, createCallService } from '../src/freeswitch/call/plugin-calls.ts';
import { Emulator } from '../src/freeswitch/emulator/emulator.ts';
import { FreeswitchNode } from '../src/freeswitch/switch/freeswitch-node.ts';
import { until } from './until.ts';

/** A store that outlives the service, as the database outlives the server. Rows are copies, as rows are. */
export function memoryStore(): CallStore & { readonly rows: Map<string, string> } {
  const rows = new Map<string, string>();
  return {
    rows,
    async save(state) {
      rows.set(state.id, JSON.stringify(state));
    },
    async remove(id) {
      rows.delete(id);
    },
    async load() {
      return [...rows.values()].map((row) => JSON.parse(row) as CallState);
    },
  };
}

export interface CallBench {
  readonly emulator: Emulator;
  readonly store: ReturnType<typeof memoryStore>;
  readonly recordings: string;
  /** Changes of every call since the last `restart`, in order. */
  readonly changes: { readonly call: Call; readonly change: CallChange }[];
  /** What happens with the next calls. */
  inbound: (call: Call) => Promise<void>;
  resume: (call: Call) => Promise<void>;
  readonly service: () => CallService;
  /** The server dies without a word (its socket is cut) while the switch lives on; `while` runs in between. */
  crash(meanwhile?: () => Promise<void> | void): Promise<void>;
  /** The connection is lost and found again; server and switch live on. */
  reconnect(): Promise<void>;
  stop(): Promise<void>;
}

/** The calls of one emulated switch, over a real socket. */
export async function startCallBench(): Promise<CallBench> {
  const emulator = new Emulator({ password: 'test', tickMs: 0 });
  await emulator.start();
  const store = memoryStore();
  const log = pino({ level: 'silent' });
  const recordings = await mkdtemp(join(tmpdir(), 'jackfield-calls-'));
  let node: FreeswitchNode;
  let service: CallService;
  const bench: CallBench = {
    emulator,
    store,
    recordings,
    changes: [],
    inbound: async () => undefined,
    resume: async () => undefined,
    service: () => service,
    async crash(meanwhile) {
      await node.stop();
      await meanwhile?.();
      bench.changes.length = 0;
      await begin();
    },
    async reconnect() {
      await node.stop();
      node.start();
      await until('the node connects', () => node.state.state === 'connected');
    },
    async stop() {
      await service.stop();
      await node.stop();
      await emulator.stop();
    },
  };

  async function begin(): Promise<void> {
    node = new FreeswitchNode({ nodeId: 'n1', address: emulator.address });
    service = createCallService({
      node,
      store,
      clock: systemClock,
      log,
      recordingDir: recordings,
      browserPhonePath: null,
      activePlugins: () => new Set(['owner', 'watcher']),
      isActive: () => true,
      onError: (_plugin, _point, error) => {
        throw error;
      },
    });
    const owner = service.forPlugin('owner', () => undefined);
    owner.onInbound((call) => bench.inbound(call));
    owner.onResume((call) => bench.resume(call));
    owner.onChange((call, change) => bench.changes.push({ call, change }));
    await service.start();
    node.start();
    await until('the node connects', () => node.state.state === 'connected');
  }
  await begin();
  return bench;
}
