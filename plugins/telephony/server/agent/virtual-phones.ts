import type { PluginContext } from '@jackfield/core/sdk';
import { ExtensionEntity } from '../entities/extension.entity.ts';
import type { Extensions } from '../extensions/extensions.ts';
import type { Softphone } from './softphone.ts';

const MOST_EXTENSIONS = 10_000;

/**
 * With the emulator there is no softphone in the browser that could register, so the phone of an agent is there while
 * his workbench is open. On a real switch `virtualPhone` does nothing.
 */
export interface VirtualPhones {
  /** Begins to follow presence, registrations and the switch; booked by the registrations themselves. */
  follow(): void;
  /** An agent got, changed or lost his extension; `gone` is the one he had. */
  reconcile(userId: string, gone?: { readonly number: string; readonly domain: string }): Promise<void>;
}

export function createVirtualPhones(deps: {
  readonly ctx: PluginContext;
  readonly extensions: Extensions;
  readonly softphone: Softphone;
}): VirtualPhones {
  const { ctx, extensions, softphone } = deps;
  const report = (error: unknown) => ctx.log.warn({ err: error }, 'a virtual phone could not be set');

  async function set(userId: string, on: boolean): Promise<void> {
    const extension = await extensions.ofUserAnywhere(userId);
    if (extension) await ctx.calls.virtualPhone(extension.number, extension.domain, on);
  }

  /** A switch that was started anew knows no phones. */
  async function setAll(): Promise<void> {
    const all = await ctx.acrossTenants(() =>
      ctx.repo(ExtensionEntity).find({ userId: { isNull: false } }, { limit: MOST_EXTENSIONS }),
    );
    for (const { userId, number, domain, tenantId } of all) {
      if (userId === null || !ctx.realtime.isConnected(userId)) continue;
      await ctx.calls.virtualPhone(number, domain, true);
      await softphone.phoneChanged(userId, tenantId);
    }
  }

  return {
    follow() {
      ctx.realtime.onPresence(({ userId, connected }) => {
        set(userId, connected).catch(report);
      });
      ctx.calls.onNodeState((_id, { state }) => {
        if (state === 'connected') setAll().catch(report);
      });
      ctx.calls.onRegistration(({ user, domain }) => {
        extensions
          .byPhone(user, domain)
          .then((extension) =>
            extension?.userId ? softphone.phoneChanged(extension.userId, extension.tenantId) : undefined,
          )
          .catch(report);
      });
    },
    async reconcile(userId, gone) {
      if (gone) await ctx.calls.virtualPhone(gone.number, gone.domain, false);
      if (ctx.realtime.isConnected(userId)) await set(userId, true);
      await softphone.phoneChanged(userId);
    },
  };
}
