/**
 * The event contract: facts that others act on after they have become true.
 *
 * Who calls: `publish`, inside a transaction or not. The event is written to the outbox in that transaction.
 *   A handler has 30 s; longer work is a job.
 * Order: events with the same `key` reach each subscriber in the order they were committed; others have none.
 * May fail: a subscriber that throws is tried again after 1 s, 5 s, 30 s, 5 min, 1 h, then set aside as failed
 *   and shown to the operator. Other subscribers are not held up.
 * After a crash: every committed event is delivered at least once; `event.id` is what to de-duplicate by.
 * Tenant: delivered in the tenant's scope, and only to plugins active there at that moment.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface EventCatalog {}
export type EventName = keyof EventCatalog & string;

export interface DomainEvent<N extends EventName = EventName> {
  readonly id: string;
  readonly name: N;
  readonly tenantId: string | null;
  readonly key: string | null;
  readonly at: number;
  readonly payload: EventCatalog[N];
}
export interface PluginEvents {
  /**
   * Resolves when the event is stored (with the surrounding transaction, when there is one). Belongs to the
   * tenant of the scope. `key`: 1 to 128 characters.
   */
  publish<N extends EventName>(name: N, payload: EventCatalog[N], options?: { key?: string }): Promise<void>;
  /**
   * The subscriber is known as `<plugin>:<event>`, or `<plugin>:<name>` when `name` is given; it must stay the
   * same across versions. Two of one plugin on the same event need names.
   */
  on<N extends EventName>(
    name: N,
    handler: (event: DomainEvent<N>) => Promise<void> | void,
    options?: { name?: string },
  ): () => void;
}
