import type { Logger } from 'pino';
import type { Clock } from '../boot/clock.ts';
import { scope } from '../tenants/scope.ts';
import type { OutboxDatabase } from './store.ts';

/** For what another process has stored, and for what a crash left. */
const POLL_MS = 1_000;
const POLL_BATCH = 200;

/** The rows of one name in a table of rows that fall due: the deliveries of a subscriber, the jobs of a kind. */
export interface DueQueue {
  readonly name: string;
  /** Whether more can be begun now. */
  hasRoom(): boolean;
  /** Begins what is due, as far as there is room. True: there may be more. */
  begin(): Promise<boolean>;
}

export interface DueRows<Queue extends DueQueue> {
  readonly queues: ReadonlyMap<string, Queue>;
  /** Takes the place of one of the same name. */
  add(queue: Queue): () => void;
  /** There may be something due for these. */
  wake(names: Iterable<string>): void;
  /** The same `ms` later, kept better than the poll could. */
  wakeIn(ms: number, name: string): void;
  /** Room has become free: wakes the queue if there was too little of it before. */
  freed(name: string): void;
  isRunning(): boolean;
  /** Runs `work` in neither the scope nor the transaction of whoever calls; never rejects, a failure is logged. */
  apart(what: string, work: () => Promise<void>): Promise<void>;
  start(): void;
  /** Nothing is begun any more. */
  stop(): void;
}

export interface DueRowsDeps {
  /** What the rows are, for messages. */
  readonly what: string;
  readonly session: OutboxDatabase['session'];
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  /** Names of the rows that are due among `names`, the longest due first. */
  due(names: string[], limit: number): Promise<readonly string[]>;
}

/**
 * When the queues of a table are looked at: when something is stored, when room becomes free, and once a second. Looks
 * at one queue do not overlap; one that is asked for during a look follows it.
 */
export function createDueRows<Queue extends DueQueue>(deps: DueRowsDeps): DueRows<Queue> {
  const { what, session, clock, log } = deps;
  const queues = new Map<string, Queue>();
  const looking = new Set<Queue>();
  /** To be looked at when the look is done, or room has become free. */
  const again = new Set<Queue>();
  const timers = new Set<() => void>();
  let running = false;

  function apart(task: string, work: () => Promise<void>): Promise<void> {
    const value = { tenantId: null, actor: { kind: 'system' } as const, requestId: what };
    return session
      .outsideTransaction(() => scope.run(value, work))
      .catch((error: unknown) => log.warn({ err: error }, `${task} failed and will be tried again`));
  }

  function wake(names: Iterable<string>): void {
    if (!running) return;
    for (const name of names) {
      const queue = queues.get(name);
      if (queue) void apart(`Looking for ${what} of "${name}"`, () => look(queue));
    }
  }

  async function look(queue: Queue): Promise<void> {
    again.add(queue);
    if (looking.has(queue)) return;
    looking.add(queue);
    try {
      while (again.has(queue) && running && queue.hasRoom()) {
        again.delete(queue);
        if (await queue.begin()) again.add(queue);
      }
    } finally {
      looking.delete(queue);
    }
  }

  async function poll(): Promise<void> {
    const names = [...queues.keys()];
    if (names.length === 0) return;
    const due = await deps.due(names, POLL_BATCH);
    // A full batch may hide those of others behind it.
    wake(due.length < POLL_BATCH ? new Set(due) : names);
  }

  return {
    queues,
    apart,
    wake,
    add(queue) {
      queues.set(queue.name, queue);
      return () => {
        if (queues.get(queue.name) === queue) queues.delete(queue.name);
        again.delete(queue);
      };
    },
    wakeIn(ms, name) {
      if (!running) return;
      const undo = clock.after(ms, () => {
        timers.delete(undo);
        wake([name]);
      });
      timers.add(undo);
    },
    freed(name) {
      const queue = queues.get(name);
      if (queue && again.has(queue)) wake([name]);
    },
    isRunning: () => running,
    start() {
      running = true;
      timers.add(clock.every(POLL_MS, () => void apart(`Looking for ${what}`, poll)));
      wake(queues.keys());
    },
    stop() {
      running = false;
      for (const undo of timers) undo();
      timers.clear();
    },
  };
}

/** Resolves when all of `work` has ended, or after `ms`. */
export async function waitAtMost(clock: Clock, ms: number, work: readonly Promise<void>[]): Promise<void> {
  if (work.length === 0) return;
  const enough = new AbortController();
  const grace = clock.sleep(ms, enough.signal).catch(() => undefined);
  await Promise.race([Promise.all(work), grace]);
  enough.abort();
}
