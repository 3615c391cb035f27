import type { Clock } from '@jackfield/core/sdk';

/**
 * After a restart the contacts come back one by one. Those who come are held until all that were there are there
 * again, or have ended, or this time is over: else the first to come back would get the agent whom the best
 * placed should have.
 */
const GATHERING_MS = 5_000;

export interface Gathering<Visit> {
  /** Holds whoever comes until these are here. Nobody to wait for: nobody is held. */
  begin(awaited: Iterable<string>): void;
  /** Null when nobody is held (any more): the visit goes in at once. */
  hold(visit: Visit): Promise<void> | null;
  /** Waits no longer for this contact: it is here, or over. */
  arrived(contactId: string): Promise<void>;
  /** Lets go of a contact; true if it was held or waited for. */
  drop(contactId: string): boolean;
  stop(): void;
}

/** @param over called once, with those who were held and those who did not come */
export function createGathering<Visit extends { readonly contactId: string }>(
  clock: Clock,
  over: (held: Visit[], missing: ReadonlySet<string>) => Promise<void>,
): Gathering<Visit> {
  let group: { readonly awaited: Set<string>; readonly held: Visit[]; readonly cancel: () => void } | null =
    null;

  async function release(): Promise<void> {
    if (!group) return;
    const { awaited, held, cancel } = group;
    group = null;
    cancel();
    await over(held, awaited);
  }

  async function arrived(contactId: string): Promise<void> {
    if (group?.awaited.delete(contactId) && group.awaited.size === 0) await release();
  }

  return {
    begin(contacts) {
      const awaited = new Set(contacts);
      if (awaited.size === 0) return;
      group = { awaited, held: [], cancel: clock.after(GATHERING_MS, () => void release()) };
    },
    hold(visit) {
      if (!group) return null;
      group.held.push(visit);
      return arrived(visit.contactId);
    },
    arrived,
    drop(contactId) {
      const at = group?.held.findIndex((visit) => visit.contactId === contactId) ?? -1;
      if (at >= 0) group?.held.splice(at, 1);
      return at >= 0 || (group?.awaited.has(contactId) ?? false);
    },
    stop: () => group?.cancel(),
  };
}
