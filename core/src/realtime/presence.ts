import type { Clock } from '../boot/clock.ts';

export interface PresenceChange {
  readonly userId: string;
  readonly tenantId: string;
  readonly connected: boolean;
}

export interface Presence {
  opened(tenantId: string, userId: string): void;
  closed(tenantId: string, userId: string): void;
  /** With a tenant: only if the user is there in that tenant. */
  isConnected(userId: string, tenantId: string | null): boolean;
  /** Connected users, for metrics. */
  count(): number;
  /** Forgets everybody without telling anyone: the server stops, the people have not gone. */
  stop(): void;
}

interface Person {
  readonly tenantId: string;
  tabs: number;
  cancelLeave: (() => void) | null;
}

/**
 * Connected is whoever has a tab open, or had one `graceMs` ago: reloading the page closes the last tab for a
 * moment, and must not take an agent out of the queue.
 */
export function createPresence(options: {
  readonly clock: Clock;
  readonly graceMs: number;
  readonly onChange: (change: PresenceChange) => void;
}): Presence {
  const people = new Map<string, Person>();
  return {
    opened(tenantId, userId) {
      const person = people.get(userId);
      if (person) {
        person.tabs += 1;
        person.cancelLeave?.();
        person.cancelLeave = null;
        return;
      }
      people.set(userId, { tenantId, tabs: 1, cancelLeave: null });
      options.onChange({ userId, tenantId, connected: true });
    },
    closed(tenantId, userId) {
      const person = people.get(userId);
      if (!person) return;
      person.tabs -= 1;
      if (person.tabs > 0) return;
      person.cancelLeave = options.clock.after(options.graceMs, () => {
        people.delete(userId);
        options.onChange({ userId, tenantId, connected: false });
      });
    },
    isConnected(userId, tenantId) {
      const person = people.get(userId);
      return person !== undefined && (tenantId === null || person.tenantId === tenantId);
    },
    count: () => people.size,
    stop() {
      for (const person of people.values()) person.cancelLeave?.();
      people.clear();
    },
  };
}
