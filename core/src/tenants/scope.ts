import { AsyncLocalStorage } from 'node:async_hooks';
import { JackfieldError } from '../errors/index.ts';

/** Who acts. `system` is the server itself: a job, a call, a start-up step. */
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'system'; readonly plugin?: string }
  | {
      readonly kind: 'user';
      readonly userId: string;
      readonly name: string;
      readonly sessionId: string;
      readonly permissions: ReadonlySet<string>;
    };

/**
 * What every piece of running code stands in. Set by HTTP, realtime, jobs, events and telephony, read by
 * the data layer, the hooks and the log; nothing passes a tenant id by hand.
 */
export interface Scope {
  /** Null only before the tenant is known (sign-in, an inbound call not yet routed) and in system work. */
  readonly tenantId: string | null;
  readonly actor: Actor;
  readonly requestId: string;
  readonly callId?: string;
  readonly locale?: string;
  /**
   * The plugins that are on for this piece of work. A call carries the set it began with; elsewhere it is
   * absent and the registry is asked.
   */
  readonly activePlugins?: ReadonlySet<string>;
}

const storage = new AsyncLocalStorage<Scope>();

export const scope = {
  run<T>(value: Scope, fn: () => T): T {
    return storage.run(value, fn);
  },
  current(): Scope | undefined {
    return storage.getStore();
  },
  /** Throws TENANT_REQUIRED: code that reaches tenant data outside a tenant is a fault, never a wider query. */
  tenantId(): string {
    const id = storage.getStore()?.tenantId;
    if (!id) throw new JackfieldError('TENANT_REQUIRED');
    return id;
  },
  /** Runs `fn` as the server itself within a tenant; keeps the request and call ids for the log. */
  runAsSystem<T>(tenantId: string | null, requestId: string, fn: () => T): T {
    const outer = storage.getStore();
    return storage.run(
      {
        tenantId,
        requestId,
        actor: { kind: 'system' },
        ...(outer?.callId ? { callId: outer.callId } : {}),
        ...(outer?.tenantId === tenantId && outer?.activePlugins
          ? { activePlugins: outer.activePlugins }
          : {}),
      },
      fn,
    );
  },
};
