import 'element-plus/dist/index.css';
import 'virtual:jackfield-theme.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/sound.css';
import ElementPlus from 'element-plus';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { ApiError } from '../sdk/api/api-error.ts';
import { api, onSignedOut } from '../sdk/api/index.ts';
import type { MessageTree } from '../sdk/define-ui.ts';
import { addMessages, currentLocale, i18n, serveTexts, setLocale } from '../sdk/i18n.ts';
import { createLoader, installLoader } from '../sdk/plugins/loader.ts';
import { connection } from '../sdk/realtime/socket.ts';
import { getSession } from '../sdk/session.ts';
import { dispatchKey } from '../sdk/shortcuts.ts';
import type { Locale } from '../sdk/types.ts';
import App from './App.vue';
import { leave } from './app-state.ts';
import { en } from './locales/en.ts';
import { zhCN } from './locales/zh-CN.ts';
import { router, startRouter } from './router.ts';
import { startTheme } from './theme.ts';

const app = createApp(App);
app.config.errorHandler = (error) => console.error(error);

addMessages(null, { en, 'zh-CN': zhCN });
setLocale(currentLocale());
startTheme();

installLoader(
  createLoader({
    importModule: (url) => import(/* @vite-ignore */ url),
    addStyle(href) {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = href;
      document.head.append(link);
      return () => link.remove();
    },
    fetchMessages: (url) => api.get<MessageTree>(url.replace(/^\/api\//, '')),
    setup: (plugin, definition) => definition.setup?.({ app, router, pluginId: plugin.id }),
    addMessages,
  }),
);

/** Of a plugin that is not on here there are none, and asking again would not change it. */
async function textsFrom(pluginId: string, locale: Locale): Promise<MessageTree> {
  try {
    return await api.get<MessageTree>(`core/ui/${encodeURIComponent(pluginId)}/locales/${locale}`);
  } catch (error) {
    if (ApiError.is(error) && error.status === 404) return {};
    throw error;
  }
}
serveTexts(async (pluginId) => {
  const [zh, en] = await Promise.all([textsFrom(pluginId, 'zh-CN'), textsFrom(pluginId, 'en')]);
  return { 'zh-CN': zh, en };
});

function toSignIn(): void {
  if (!getSession()) return;
  const next = router.currentRoute.value.fullPath;
  leave();
  void router.replace({ name: 'sign-in', query: next === '/' ? {} : { next, expired: '1' } });
}
onSignedOut(toSignIn);
connection.onRefused(toSignIn);
document.addEventListener('keydown', dispatchKey);

app.use(createPinia()).use(i18n).use(ElementPlus);
startRouter();
app.use(router).mount('#app');
