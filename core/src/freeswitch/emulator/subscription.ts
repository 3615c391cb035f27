import type { EventFormat } from './encode.ts';
import type { EventMessage } from './event-message.ts';
import { eventNames, ownEvents } from './event-names.ts';

interface Filter {
  readonly header: string;
  readonly value: string;
  readonly excludes: boolean;
  readonly pattern: RegExp | null;
}

/** What one connection wants to hear. */
export class Subscription {
  format: EventFormat = 'plain';
  #all = false;
  #names = new Set<string>();
  #subclasses = new Set<string>();
  #filters: Filter[] = [];
  /** Uuid of the one channel whose events are wanted; null for all. */
  #only: string | null = null;

  get active(): boolean {
    return this.#all || this.#names.size > 0 || this.#subclasses.size > 0;
  }

  /**
   * `event plain A B CUSTOM x::y z::w`. Whatever follows CUSTOM are subclasses.
   * @returns false when no word is the name of an event
   */
  add(words: readonly string[]): boolean {
    let known = false;
    let custom = false;
    for (const word of words) {
      const name = word.toUpperCase();
      if (custom) {
        this.#subclasses.add(word);
      } else if (name === 'ALL') {
        this.#all = true;
        known = true;
      } else if (eventNames.has(name)) {
        custom = name === 'CUSTOM';
        known = true;
        this.#names.add(name);
      }
    }
    return known;
  }

  remove(words: readonly string[]): void {
    let custom = false;
    for (const word of words) {
      const name = word.toUpperCase();
      if (custom) this.#subclasses.delete(word);
      else if (name === 'ALL') this.clear();
      else if (name === 'CUSTOM') custom = true;
      else this.#names.delete(name);
    }
  }

  clear(): void {
    this.#all = false;
    this.#names.clear();
    this.#subclasses.clear();
  }

  /**
   * `myevents`: from now on nothing but what concerns one channel, beginning with what `ownEvents` lists.
   * @returns false when that was so already
   */
  addOwn(uuid: string): boolean {
    if (this.#only !== null) return false;
    this.#only = uuid;
    this.add(ownEvents);
    return true;
  }

  addFilter(header: string, value: string): void {
    const excludes = value.startsWith('-');
    const plain = excludes ? value.slice(1) : value;
    this.#filters.push({ header, value, excludes, pattern: regex(plain) });
  }

  /** @param value null for all of that header */
  removeFilter(header: string, value: string | null): void {
    this.#filters =
      header === 'all'
        ? []
        : this.#filters.filter((f) => f.header !== header || (value !== null && f.value !== value));
  }

  wants(event: EventMessage): boolean {
    if (!this.#subscribed(event) || !this.#concerns(event)) return false;
    return this.#filters.length === 0 || this.#passes(event);
  }

  #subscribed(event: EventMessage): boolean {
    if (this.#all) return true;
    if (event.name !== 'CUSTOM') return this.#names.has(event.name);
    // CUSTOM alone means events that have no subclass
    if (event.subclass === null) return this.#names.has('CUSTOM');
    return this.#subclasses.has(event.subclass);
  }

  #concerns(event: EventMessage): boolean {
    if (this.#only === null) return true;
    return event.get('Unique-ID') === this.#only || event.get('Job-Owner-UUID') === this.#only;
  }

  /** Filters are ORed; once there is one, an event without any of their headers is dropped. */
  #passes(event: EventMessage): boolean {
    let passes = false;
    for (const filter of this.#filters) {
      const value = event.get(filter.header);
      if (value === null) continue;
      const wanted = filter.excludes ? filter.value.slice(1) : filter.value;
      const match = filter.pattern
        ? filter.pattern.test(value)
        : value.toLowerCase() === wanted.toLowerCase();
      if (!match) continue;
      if (filter.excludes) return false;
      passes = true;
    }
    return passes;
  }
}

function regex(value: string): RegExp | null {
  if (!value.startsWith('/')) return null;
  try {
    return new RegExp(value.slice(1).replace(/\/$/, ''), 'i');
  } catch {
    return null;
  }
}
