import { ApiError } from './api/api-error.ts';
import { textsOf } from './i18n.ts';

/** Codes whose detail says something the code alone does not: which name is taken, which plugin is needed. */
const withDetail = new Set([
  'CONFLICT',
  'BAD_REQUEST',
  'PLUGIN_DEPENDENCY',
  'PLUGIN_INVALID',
  'PLUGIN_ERROR',
  'CALL_STATE',
]);

/** An error as a sentence for people, in their language. */
export function errorText(error: unknown): string {
  const { t, has } = textsOf(null);
  if (!ApiError.is(error)) return t('errors.UNEXPECTED');
  const key = `errors.${error.code}`;
  if (!has(key)) return error.detail || t('errors.UNEXPECTED');
  return withDetail.has(error.code) && error.detail ? `${t(key)} ${error.detail}` : t(key);
}
