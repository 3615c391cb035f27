import { AsyncLocalStorage } from 'node:async_hooks';
import type { PluginContext } from '@jackfield/core/sdk';
import type { InteractionsApi } from '@jackfield/plugin-interactions/contract';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { Strategies } from '../strategies.ts';
import { type Absence, createAbsence } from './absence.ts';
import { createDevices, type Devices } from './devices.ts';
import { createStore } from './store.ts';
import { createTenantRuntime, type TenantRuntime } from './tenant-runtime.ts';
import type { Topics } from './topics.ts';

/** The routing of one tenant with all that belongs to it. */
export interface TenantAcd {
  readonly tenantId: string;
  /** First label of the domain of the tenant's phones. */
  readonly slug: string;
  readonly runtime: TenantRuntime;
  readonly devices: Devices;
  readonly absence: Absence;
}

/** One for each tenant that needs it. */
export interface Runtimes {
  /** That of the scope's tenant; loaded when it is asked for the first time. */
  current(): Promise<TenantAcd>;
  /** Loads those of all tenants where the plugin is on. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Those that are loaded. */
  all(): readonly TenantAcd[];
}

export interface RuntimesDeps {
  readonly ctx: PluginContext;
  readonly strategies: Strategies;
  readonly telephony: Pick<TelephonyApi, 'isReachable' | 'interactionOf'>;
  readonly interactions: Pick<InteractionsApi, 'removeParticipant'>;
  readonly topics: () => Topics;
}

/** A wrap-up this short may end before its contact has come to be shown as one. */
const SHORT_WRAP_UP_MS = 2_000;

export function createRuntimes({ ctx, strategies, telephony, interactions, topics }: RuntimesDeps): Runtimes {
  const loading = new Map<string, Promise<TenantAcd>>();
  const loaded = new Map<string, TenantAcd>();
  // Where the server begins: outside of every request, call and transaction.
  const outside = AsyncLocalStorage.snapshot();

  async function load(tenantId: string): Promise<TenantAcd> {
    const inScope = <T>(work: () => Promise<T>): Promise<T> => outside(() => ctx.inTenant(tenantId, work));
    const runtime: TenantRuntime = createTenantRuntime({
      clock: ctx.clock,
      log: ctx.log,
      store: createStore(ctx),
      inScope,
      random: Math.random,
      strategy: strategies.find,
      agentChanged: (view) => topics().agent(view),
      queueChanged: (view, summary) => topics().queue(view, summary),
      wrapUpOver: (contactId, userId) => wrapUpOver(contactId, userId),
    });

    async function wrapUpOver(contactId: string, userId: string): Promise<void> {
      const interactionId = await telephony.interactionOf(contactId);
      if (interactionId === null) return;
      await interactions.removeParticipant(interactionId, userId);
      // The record of the call is written beside us, and may show the wrap-up only now that it is over.
      ctx.clock.after(SHORT_WRAP_UP_MS, () => {
        if (
          runtime.state.contacts[contactId] ||
          runtime.state.agents[userId]?.wrapUp?.contactId === contactId
        )
          return;
        inScope(() => interactions.removeParticipant(interactionId, userId)).catch((error: unknown) => {
          ctx.log.error({ err: error, contactId }, 'a contact could not be taken from the workbench');
        });
      });
    }

    const devices = createDevices({
      clock: ctx.clock,
      log: ctx.log,
      runtime,
      telephony,
      activeCalls: () => ctx.calls.active(),
      isSwitchUp: () => ctx.calls.nodes().some(({ state }) => state.state === 'connected'),
      inScope,
    });
    const absence = createAbsence({
      clock: ctx.clock,
      runtime,
      minutes: () => ctx.settings.get<number>('absence-minutes'),
      inScope,
    });
    await inScope(() => runtime.start());
    // Whoever does not come back after a restart is as absent as who leaves later.
    for (const { userId, presence } of Object.values(runtime.state.agents)) {
      if (presence !== 'signed-out') await inScope(async () => absence.left(userId));
    }
    devices.checkAllSoon();
    const { slug } = await ctx.directory.tenant(tenantId);
    const acd = { tenantId, slug, runtime, devices, absence };
    loaded.set(tenantId, acd);
    return acd;
  }

  function get(tenantId: string): Promise<TenantAcd> {
    const known = loading.get(tenantId);
    if (known) return known;
    const fresh = load(tenantId);
    loading.set(tenantId, fresh);
    // A database that was away for a moment: the next one who asks tries again.
    fresh.catch(() => loading.delete(tenantId));
    return fresh;
  }

  return {
    current: async () => get((await ctx.directory.tenant()).id),
    async start() {
      for (const { id } of await ctx.directory.tenants()) {
        if (ctx.inTenant(id, () => ctx.isActive())) await get(id);
      }
    },
    async stop() {
      await Promise.all(
        [...loaded.values()].map(async ({ runtime, devices, absence }) => {
          devices.stop();
          absence.stop();
          await runtime.stop();
        }),
      );
    },
    all: () => [...loaded.values()],
  };
}
