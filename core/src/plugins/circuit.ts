import type { Clock } from '../boot/clock.ts';

/** Numbers of the contract (hooks/contract.ts): 20 errors within a minute rest the point for five minutes. */
const LIMIT = 20;
const WINDOW_MS = 60_000;
const REST_MS = 300_000;

export interface CircuitReport {
  /** What failed, such as `hook:call:ended#crm` or `GET /api/crm/customers`. */
  readonly point: string;
  readonly pluginId: string;
  /** Errors within the last minute; of an open one, those that opened it. */
  readonly errors: number;
  /** Milliseconds since 1970; null while it is closed. */
  readonly openUntil: number | null;
  readonly lastError: string;
}

export interface Circuits {
  /** False while the point rests. Cheap: hot paths ask before each call. */
  allows(point: string): boolean;
  /** Counts one failure; opens the circuit at the twentieth within a minute. */
  failed(point: string, pluginId: string, error: unknown): void;
  /** Every point with an error in the last minute or an open circuit; for the operator's page and metrics. */
  report(): CircuitReport[];
  /** The operator's "try again now". */
  close(point: string): void;
}

interface Point {
  readonly pluginId: string;
  /** Times of the last errors, oldest first, at most LIMIT. */
  failures: number[];
  openUntil: number;
  lastError: string;
}

/** One per process. `onOpen` tells the operator; it is called once per opening. */
export function createCircuits(options: {
  clock: Pick<Clock, 'now'>;
  onOpen?: (report: CircuitReport) => void;
}): Circuits {
  const points = new Map<string, Point>();

  const reportOf = (name: string, point: Point, now: number): CircuitReport => {
    const isOpen = point.openUntil > now;
    return {
      point: name,
      pluginId: point.pluginId,
      errors: isOpen ? LIMIT : point.failures.filter((at) => at > now - WINDOW_MS).length,
      openUntil: isOpen ? point.openUntil : null,
      lastError: point.lastError,
    };
  };

  return {
    allows(name) {
      const point = points.get(name);
      return point === undefined || point.openUntil <= options.clock.now();
    },
    failed(name, pluginId, error) {
      const now = options.clock.now();
      const point = points.get(name) ?? { pluginId, failures: [], openUntil: 0, lastError: '' };
      points.set(name, point);
      // Work that was already under way when the circuit opened still fails, and so do those who are turned away: they
      // must not prolong the rest, nor hide what caused it.
      if (point.openUntil > now) return;
      point.lastError = error instanceof Error ? error.message : String(error);
      point.failures = [...point.failures.filter((at) => at > now - WINDOW_MS), now];
      if (point.failures.length < LIMIT) return;
      point.openUntil = now + REST_MS;
      const report = reportOf(name, point, now);
      point.failures = [];
      options.onOpen?.(report);
    },
    report() {
      const now = options.clock.now();
      return [...points]
        .map(([name, point]) => reportOf(name, point, now))
        .filter((report) => report.errors > 0 || report.openUntil !== null);
    },
    close(name) {
      points.delete(name);
    },
  };
}
