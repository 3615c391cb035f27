import type { Logger } from 'pino';
import { z } from 'zod';
import { JackfieldError } from '../../errors/index.ts';
import type { PluginRoutes, RouteRequest } from '../../http/contract.ts';
import type { PluginIdentity } from '../identity.ts';
import {
  LocalTextSchema,
  MenuSchema,
  PageSchema,
  SlotSchema,
  WidgetSchema,
} from '../manifest-contributes.ts';
import type { PluginStates } from '../states.ts';
import type { TenantGate } from '../tenant-gate.ts';
import { readLocale, readUiAssets, type UiAssets } from '../ui-assets.ts';

const UiPlugin = z.object({
  id: z.string(),
  version: z.string(),
  title: LocalTextSchema,
  /** Null for a plugin that only adds menu entries. */
  entry: z.string().nullable(),
  css: z.array(z.string()),
  pages: z.array(PageSchema),
  menus: z.array(MenuSchema),
  slots: z.array(SlotSchema),
  widgets: z.array(WidgetSchema),
  locales: z.record(z.string(), z.string()),
});
type UiPlugin = z.output<typeof UiPlugin>;

export interface UiRouteDeps {
  readonly states: PluginStates;
  readonly gate: Pick<TenantGate, 'isActiveInScope'>;
  readonly log: Pick<Logger, 'error'>;
}

/**
 * What the browser is to load after sign-in: the plugins that are active for its tenant, with the parts its
 * user may see. A plugin of which nothing is left is not named.
 */
export function registerUiRoutes(routes: PluginRoutes, { states, gate, log }: UiRouteDeps): void {
  const assets = new Map<string, Promise<UiAssets | null>>();
  const assetsOf = (plugin: PluginIdentity) => {
    const known = assets.get(plugin.id) ?? readUiAssets(plugin);
    assets.set(plugin.id, known);
    return known;
  };
  /** One plugin with a broken build must not leave everybody without a menu. */
  const listed = async (plugin: PluginIdentity, user: User) => {
    try {
      return uiOf(plugin, await assetsOf(plugin), user);
    } catch (error) {
      log.error({ plugin: plugin.id, err: error }, `The pages of plugin "${plugin.id}" cannot be listed`);
      return null;
    }
  };
  const active = () =>
    states
      .list()
      .flatMap(({ id, plugin }) => (plugin && states.isUp(id) && gate.isActiveInScope(id) ? [plugin] : []));

  routes.get(
    '/ui',
    {
      summary: 'Pages, menus, slots and widgets of the active plugins',
      signedIn: true,
      response: z.object({ plugins: z.array(UiPlugin) }),
    },
    async ({ user }) => {
      const reader = present(user);
      const plugins = await Promise.all(active().map((plugin) => listed(plugin, reader)));
      return { plugins: plugins.filter((plugin) => plugin !== null) };
    },
  );

  routes.get(
    '/ui/:id/locales/:locale',
    {
      summary: 'Messages of a plugin in one language',
      signedIn: true,
      params: z.object({ id: z.string(), locale: z.enum(['zh-CN', 'en']) }),
      response: z.record(z.string(), z.unknown()),
    },
    async ({ params }) => {
      const plugin = active().find(({ id }) => id === params.id);
      const messages = plugin ? await readLocale(plugin, params.locale) : null;
      if (!messages) throw new JackfieldError('NOT_FOUND');
      return messages;
    },
  );
}

type User = NonNullable<RouteRequest<unknown, unknown, unknown>['user']>;

/** `signedIn` sees to it; the type of a request does not know. */
function present(user: User | null): User {
  if (!user) throw new JackfieldError('NOT_SIGNED_IN');
  return user;
}

function uiOf(plugin: PluginIdentity, assets: UiAssets | null, user: User): UiPlugin | null {
  const permitted = <Part extends { permission?: string | undefined }>(parts: readonly Part[]) =>
    parts.filter(({ permission }) => permission === undefined || user.can(permission));
  const { contributes } = plugin.manifest;
  const shown = {
    pages: permitted(contributes.pages),
    menus: permitted(contributes.menus),
    slots: permitted(contributes.slots),
    widgets: permitted(contributes.widgets),
  };
  if (Object.values(shown).every((parts) => parts.length === 0)) return null;
  return {
    id: plugin.id,
    version: plugin.version,
    title: plugin.manifest.title,
    entry: assets?.entry ?? null,
    css: [...(assets?.css ?? [])],
    locales: { ...assets?.locales },
    ...shown,
  };
}
