import type { Clock } from '@jackfield/core/sdk';
import type { TenantRuntime } from './tenant-runtime.ts';

/**
 * Signs out agents whose browser is gone for long. A short loss of the network keeps everything: sign-in time,
 * counts, idle time, the place in the turn.
 */
export interface Absence {
  left(userId: string): void;
  back(userId: string): void;
  stop(): void;
}

/** Nobody is signed out of a call; it is asked again after it. */
const IN_CALL_MS = 30_000;

export function createAbsence(deps: {
  readonly clock: Clock;
  readonly runtime: TenantRuntime;
  /** Minutes of absence after which an agent is signed out; read when they begin. */
  minutes(): number;
  inScope<T>(work: () => Promise<T>): Promise<T>;
}): Absence {
  const { clock, runtime } = deps;
  const timers = new Map<string, () => void>();

  function wait(userId: string, ms: number): void {
    timers.get(userId)?.();
    timers.set(
      userId,
      clock.after(ms, () => void deps.inScope(() => signOut(userId))),
    );
  }

  async function signOut(userId: string): Promise<void> {
    timers.delete(userId);
    const agent = runtime.agentView(userId);
    if (!agent || agent.presence === 'signed-out') return;
    const isTalking = agent.device === 'in-call' || agent.work.some(({ state }) => state === 'active');
    if (isTalking) wait(userId, IN_CALL_MS);
    else await runtime.send({ type: 'presence', userId, presence: 'signed-out', reason: null });
  }

  return {
    left: (userId) => wait(userId, deps.minutes() * 60_000),
    back(userId) {
      timers.get(userId)?.();
      timers.delete(userId);
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
