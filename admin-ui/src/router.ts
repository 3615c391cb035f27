import {
  createRouter,
  createWebHistory,
  type RouteLocationNormalized,
  type RouteLocationNormalizedLoaded,
  type RouteRecordRaw,
} from 'vue-router';
import { localText, textsOf } from '../sdk/i18n.ts';
import { can, getSession } from '../sdk/session.ts';
import type { UiManifest } from '../sdk/types.ts';
import { boot, onManifest } from './app-state.ts';
import { landing } from './core-pages.ts';
import { corePermissions as may } from './core-permissions.ts';
import { pagePath } from './menu.ts';

declare module 'vue-router' {
  interface RouteMeta {
    /** Open without sign-in. */
    public?: boolean;
    /** Asks nobody who is signed in: a customer's page, not one of ours. */
    alone?: boolean;
    permission?: string | null;
    /** Key of the title in the shell's texts. */
    title?: string;
    plugin?: { readonly id: string; readonly component: string };
    /** The page uses the whole frame and scrolls inside. */
    fills?: boolean;
  }
}

const shell: RouteRecordRaw[] = [
  // A guard and no redirect: those are followed before anybody knows who is signed in and what is on.
  { path: '', name: 'home', children: [], beforeEnter: () => ({ path: landing(), replace: true }) },
  {
    path: 'workbench',
    name: 'workbench',
    component: () => import('./pages/WorkbenchPage.vue'),
    meta: { title: 'pages.workbench', fills: true },
  },
  {
    path: 'account',
    name: 'account',
    component: () => import('./pages/AccountPage.vue'),
    meta: { title: 'pages.account' },
  },
  {
    path: 'admin/users',
    name: 'users',
    component: () => import('./pages/admin/UsersPage.vue'),
    meta: { title: 'pages.users', permission: may.users },
  },
  {
    path: 'admin/roles',
    name: 'roles',
    component: () => import('./pages/admin/RolesPage.vue'),
    meta: { title: 'pages.roles', permission: may.roles },
  },
  {
    path: 'admin/plugins',
    name: 'plugins',
    component: () => import('./pages/admin/PluginsPage.vue'),
    meta: { title: 'pages.plugins', permission: may.plugins },
  },
  {
    path: 'admin/settings/:plugin?',
    name: 'settings',
    component: () => import('./pages/admin/SettingsPage.vue'),
    meta: { title: 'pages.settings', permission: may.settings },
  },
  {
    path: 'admin/audit',
    name: 'audit',
    component: () => import('./pages/admin/AuditPage.vue'),
    meta: { title: 'pages.audit', permission: may.audit },
  },
  {
    path: 'admin/health',
    name: 'health',
    component: () => import('./pages/admin/HealthPage.vue'),
    meta: { title: 'pages.health', permission: may.health },
  },
  {
    path: 'p/:plugin/:rest(.*)*',
    name: 'plugin-gone',
    component: () => import('./pages/PluginGonePage.vue'),
    meta: { title: 'pages.gone' },
  },
  {
    path: ':rest(.*)*',
    name: 'not-found',
    component: () => import('./pages/NotFoundPage.vue'),
    meta: { title: 'pages.notFound' },
  },
];

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('./pages/SignInPage.vue'),
      meta: { public: true, title: 'pages.signIn' },
    },
    {
      path: '/phone',
      name: 'phone',
      component: () => import('./phone/PhonePage.vue'),
      meta: { alone: true, title: 'virtualPhone.title' },
    },
    { path: '/', name: 'frame', component: () => import('./layout/MainFrame.vue'), children: shell },
  ],
});

/** Only an address of our own may follow sign-in. */
export function safeNext(value: unknown): string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) && !value.startsWith('/sign-in')
    ? value
    : '/';
}

/** By its address, whatever route it leads to now; a `path` with a query in it would lose the query. */
function place({ path, query, hash }: RouteLocationNormalizedLoaded | RouteLocationNormalized) {
  return { path, query, hash };
}

let pluginRoutes: (() => void)[] = [];

/** One route for each page of a plugin that is on; those of plugins that went are gone at once. */
function follow(manifest: UiManifest): void {
  for (const undo of pluginRoutes) undo();
  pluginRoutes = manifest.plugins.flatMap((plugin) =>
    plugin.pages.map((page) =>
      router.addRoute('frame', {
        path: pagePath(plugin.id, page.path).slice(1),
        name: `${plugin.id}:${page.path}`,
        component: () => import('./pages/PluginPage.vue'),
        meta: { permission: page.permission ?? null, plugin: { id: plugin.id, component: page.component } },
      }),
    ),
  );
  // The page on the screen may just have gone, or come back.
  if (getSession() && router.currentRoute.value.matched.length > 0) {
    const here = router.currentRoute.value;
    const now = router.resolve(here.fullPath);
    if (now.name !== here.name) void router.replace({ ...place(here), force: true });
  }
}

export function startRouter(): void {
  onManifest(follow);
  router.beforeEach(async (to) => {
    if (to.meta.alone) return true;
    const signedIn = await boot();
    if (to.meta.public) return signedIn && to.name === 'sign-in' ? safeNext(to.query.next) : true;
    if (!signedIn) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } };
    // The first navigation began before the plugins' routes were known.
    const now = router.resolve(to.fullPath);
    if (now.name !== to.name) return { ...place(to), replace: true };
    return true;
  });
  router.afterEach((to) => setTitle(to.meta.title));
}

/** “Customers · Jackfield”; a plugin's page is called what plugin.json says. */
export function setTitle(key?: string, text?: string): void {
  const title = text ?? (key ? textsOf(null).t(key) : '');
  document.title = title ? `${title} · Jackfield` : 'Jackfield';
}
export function mayOpen(permission: string | null | undefined): boolean {
  return can(permission);
}
export const titleOf = localText;
