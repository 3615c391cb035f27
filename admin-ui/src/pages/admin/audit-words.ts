import { textsOf } from '../../../sdk/i18n.ts';
import type { AuditItem } from './shapes.ts';

/**
 * What was done, in words: of the core those of the shell, of a plugin `audited.<action>` of its own locales. An action
 * without words, or of a plugin that is gone, stays a code.
 */
export function actionWords({ plugin, action }: Pick<AuditItem, 'plugin' | 'action'>): string {
  const { t, has } = textsOf(plugin === 'core' ? null : plugin);
  const key = plugin === 'core' ? `audit.words.${action}` : `audited.${action}`;
  return has(key) ? t(key) : action;
}
