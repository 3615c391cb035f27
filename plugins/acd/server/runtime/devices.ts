import type { Call, Clock, PluginContext } from '@jackfield/core/sdk';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { Device } from './agent-view.ts';
import type { TenantRuntime } from './tenant-runtime.ts';

/** What is known of phones, as the engine wants it. One for each tenant; works in the tenant's scope. */
export interface Devices {
  /** Looks at the phone of one agent, now. */
  check(userId: string): Promise<void>;
  /** Looks at all who are signed in, soon: several calls become one look. */
  checkAllSoon(): void;
  /** A phone came or went. */
  registrationChanged(registered: boolean): void;
  stop(): void;
}

/** Registrations come in bursts when a network comes back. */
const SOON_MS = 100;
const SWITCH_AWAY_MS = 1_000;
const LOOK_AGAIN_MS = 1_000;
/** For what no event tells: an extension given to somebody else. */
const SWEEP_MS = 30_000;

export function createDevices(deps: {
  readonly clock: Clock;
  readonly log: PluginContext['log'];
  readonly runtime: TenantRuntime;
  readonly telephony: Pick<TelephonyApi, 'isReachable'>;
  activeCalls(): readonly Call[];
  /** While the switch is away nobody's phone is there, and nothing tells when they are again. */
  isSwitchUp(): boolean;
  inScope<T>(work: () => Promise<T>): Promise<T>;
}): Devices {
  const { clock, log, runtime, telephony } = deps;
  /** Looks begun, by agent. */
  const checks = new Map<string, number>();
  let pending: 'none' | 'all' | 'registered' | 'unregistered' = 'none';
  let cancelPending = () => {};

  async function look(userId: string): Promise<Device> {
    const legs = deps
      .activeCalls()
      .flatMap((call) => call.legs)
      .filter((leg) => leg.userId === userId && leg.state !== 'ended');
    if (legs.some((leg) => leg.state === 'answered')) return 'in-call';
    if (legs.length > 0) return 'ringing';
    return (await telephony.isReachable(userId)) ? 'ready' : 'unregistered';
  }

  async function check(userId: string): Promise<void> {
    const number = (checks.get(userId) ?? 0) + 1;
    checks.set(userId, number);
    try {
      const device = await look(userId);
      // A later look has seen more than this one.
      if (checks.get(userId) === number) await runtime.setDevice(userId, device);
      if (!deps.isSwitchUp()) soon('all', SWITCH_AWAY_MS);
    } catch (error) {
      log.warn({ err: error, userId }, 'the phone of an agent could not be looked at');
      // What is known of it is old now: nobody is offered to a phone on the word of a moment ago.
      soon('all', LOOK_AGAIN_MS);
    }
  }

  function soon(which: typeof pending, ms = SOON_MS): void {
    const scheduled = pending !== 'none';
    pending = scheduled && pending !== which ? 'all' : which;
    if (!scheduled) cancelPending = clock.after(ms, () => void deps.inScope(sweepPending));
  }

  async function sweepPending(): Promise<void> {
    const which = pending;
    pending = 'none';
    for (const { userId, presence, deviceReady } of Object.values(runtime.state.agents)) {
      if (presence === 'signed-out') continue;
      // A phone that registers again every minute changes nothing for an agent who is ready already.
      if (which === 'all' || (which === 'registered') !== deviceReady) await check(userId);
    }
  }

  const cancelSweep = clock.every(SWEEP_MS, () => soon('all'));
  return {
    check,
    checkAllSoon: () => soon('all'),
    registrationChanged: (registered) => soon(registered ? 'registered' : 'unregistered'),
    stop() {
      cancelSweep();
      cancelPending();
    },
  };
}
