import { textsOf } from '../sdk/i18n.ts';
import { hasWorkbench, uiPlugins } from '../sdk/plugins/registry.ts';
import { can } from '../sdk/session.ts';
import { corePermissions as may } from './core-permissions.ts';
import { buildMenu, lastSection } from './menu.ts';

/** The shell's own pages in the menu. */
function corePages() {
  const { t } = textsOf(null);
  const pages = [
    {
      section: 'workbench',
      path: '/workbench',
      title: t('pages.workbench'),
      icon: 'Monitor',
      order: 0,
      shown: hasWorkbench(),
    },
    {
      section: lastSection,
      path: '/admin/users',
      title: t('pages.users'),
      icon: 'User',
      order: 900,
      shown: can(may.users),
    },
    {
      section: lastSection,
      path: '/admin/roles',
      title: t('pages.roles'),
      icon: 'Key',
      order: 910,
      shown: can(may.roles),
    },
    {
      section: lastSection,
      path: '/admin/plugins',
      title: t('pages.plugins'),
      icon: 'Connection',
      order: 920,
      shown: can(may.plugins),
    },
    {
      section: lastSection,
      path: '/admin/settings',
      title: t('pages.settings'),
      icon: 'Setting',
      order: 925,
      shown: can(may.settings),
    },
    {
      section: lastSection,
      path: '/admin/audit',
      title: t('pages.audit'),
      icon: 'Document',
      order: 930,
      shown: can(may.audit),
    },
    {
      section: lastSection,
      path: '/admin/health',
      title: t('pages.health'),
      icon: 'Odometer',
      order: 10,
      shown: can(may.health),
    },
  ];
  return pages.filter((page) => page.shown);
}

export function currentMenu() {
  const { local } = textsOf(null);
  return buildMenu(corePages(), uiPlugins(), can, (_plugin, title) => local(title));
}

/** Where one arrives after sign-in. */
export function landing(): string {
  return currentMenu()[0]?.items[0]?.path ?? '/account';
}
