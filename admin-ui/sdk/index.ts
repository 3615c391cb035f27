/**
 * What a plugin's pages import: `@jackfield/admin-ui/sdk`. The host publishes this module, Vue, vue-router, pinia,
 * vue-i18n and Element Plus through its import map, so that host and plugins have the same ones. Whatever is not
 * exported here is not public. Element Plus' components are registered globally: `<el-button>` needs no import.
 */

export type { Query, RequestOptions } from './api/api.ts';
export { ApiError, type FieldError } from './api/api-error.ts';
export { api } from './api/index.ts';
export { serverNow } from './clock.ts';
export { default as JfColumn } from './components/JfColumn.vue';
export { default as JfDays } from './components/JfDays.vue';
export { default as JfDuration } from './components/JfDuration.vue';
export { default as JfEmpty } from './components/JfEmpty.vue';
export { default as JfError } from './components/JfError.vue';
export { default as JfFormDrawer } from './components/JfFormDrawer.vue';
export { default as JfListPage } from './components/JfListPage.vue';
export { default as JfPhone } from './components/JfPhone.vue';
export { default as JfSlot } from './components/JfSlot.vue';
export { default as JfSoundPlayer } from './components/JfSoundPlayer.vue';
export { default as JfTime } from './components/JfTime.vue';
export { confirmDelete } from './confirm-delete.ts';
export {
  type ComponentSource,
  defineUi,
  type MessageTree,
  type SlotContribution,
  type UiDefinition,
  type UiSetupContext,
} from './define-ui.ts';
export { type Dialer, type DialTarget, registerDialer, useDialer } from './dialer.ts';
export { errorText } from './error-text.ts';
export { localText, type Texts, textsOf, useI18n } from './i18n.ts';
export { confirmDanger, notify } from './notify.ts';
export { pluginTexts } from './plugins/plugin-texts.ts';
export type { StreamStatus } from './realtime/stream-state.ts';
export { type StreamHandle, type UseStreamHandlers, useStream } from './realtime/use-stream.ts';
export { can, useSession } from './session.ts';
export { type Combo, type ShortcutInfo, useShortcut } from './shortcuts.ts';
export { useNow } from './ticker.ts';
export { formatDuration, formatLongDuration, formatTime, formatTotal, type TimeFormat } from './time.ts';
export type { Locale, LocalText, Page, Session } from './types.ts';
export { type PagedList, type PageLoader, type PageQuery, usePage } from './use-page.ts';
export { type RowEditor, type RowEditorOptions, useRowEditor } from './use-row-editor.ts';
export { type Contact, type ContactState, deadlineOf, queueOf } from './workbench/contacts.ts';
export { useWorkbench } from './workbench/store.ts';
