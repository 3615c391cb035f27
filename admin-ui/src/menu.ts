import type { UiPlugin } from '../sdk/types.ts';

export interface MenuItem {
  readonly path: string;
  readonly title: string;
  readonly icon: string;
  readonly order: number;
}
export interface MenuSection {
  readonly id: string;
  readonly items: readonly MenuItem[];
}

/** The order of the sections; a section of its own that a plugin names comes before the administration. */
export const sectionOrder: readonly string[] = ['workbench', 'customers', 'telephony', 'reports'];
export const lastSection = 'administration';
/** Other names under which plugins mean the same section. */
const aliases: Record<string, string> = {
  admin: lastSection,
  settings: lastSection,
  crm: 'customers',
  'contact-centre': 'telephony',
  'contact-center': 'telephony',
};

export function pagePath(pluginId: string, path: string): string {
  return `/p/${pluginId}/${path.replace(/^\/+/, '')}`.replace(/\/$/, '');
}

interface Entry extends MenuItem {
  readonly section: string;
}

/** The menu of core pages and plugin pages, as far as the user may open them. Pages with parameters are in no menu. */
export function buildMenu(
  core: readonly Entry[],
  plugins: readonly UiPlugin[],
  may: (permission?: string | null) => boolean,
  text: (plugin: UiPlugin, title: UiPlugin['title']) => string,
): MenuSection[] {
  const menus = plugins.flatMap((plugin) =>
    (plugin.menus ?? [])
      .filter((menu) => may(menu.permission))
      .map(
        (menu): Entry => ({
          section: aliases[menu.section] ?? menu.section,
          path: /^\/(p|admin)\//.test(menu.path) ? menu.path : pagePath(plugin.id, menu.path),
          title: text(plugin, menu.title),
          icon: menu.icon ?? '',
          order: menu.order ?? 100,
        }),
      ),
  );
  const fromPlugins = plugins.flatMap((plugin) =>
    plugin.pages.flatMap((page): Entry[] =>
      page.menu && !page.path.includes(':') && may(page.permission)
        ? [
            {
              section: aliases[page.menu.section] ?? page.menu.section,
              path: pagePath(plugin.id, page.path),
              title: text(plugin, page.title),
              icon: page.menu.icon ?? '',
              order: page.menu.order ?? 100,
            },
          ]
        : [],
    ),
  );
  const sections = new Map<string, Entry[]>();
  for (const entry of [...core, ...fromPlugins, ...menus]) {
    const list = sections.get(entry.section) ?? [];
    list.push(entry);
    sections.set(entry.section, list);
  }
  const rank = (id: string) => {
    const known = sectionOrder.indexOf(id);
    return id === lastSection ? 999 : known < 0 ? 500 : known;
  };
  return [...sections]
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
    .map(([id, items]) => ({
      id,
      items: items.sort((a, b) => a.order - b.order || a.path.localeCompare(b.path)),
    }));
}
