import { api } from './api/index.ts';
import { textsOf } from './i18n.ts';
import { confirmDanger, notify } from './notify.ts';

/**
 * Asks, deletes what is at `path` of the interface, and says so. True when it is gone; false when the user thought
 * better of it. What the server refuses is thrown, and becomes a notice when an event handler lets it through.
 */
export async function confirmDelete(
  path: string,
  question: { readonly title: string; readonly text: string },
): Promise<boolean> {
  const { t } = textsOf(null);
  if (!(await confirmDanger({ ...question, confirm: t('common.delete') }))) return false;
  await api.delete(path);
  notify.success(t('common.deleted'));
  return true;
}
