import { ApiError } from './api/api-error.ts';
import { textsOf } from './i18n.ts';

/** Codes whose detail says something the title does not: which name is taken, which plugin is needed. */
const withDetail = new Set([
  'CONFLICT',
  'BAD_REQUEST',
  'PLUGIN_DEPENDENCY',
  'PLUGIN_INVALID',
  'PLUGIN_ERROR',
  'CALL_STATE',
]);

/** An error as a sentence for people. The server says what its codes mean, in the language of the request. */
export function errorText(error: unknown): string {
  const { t, has } = textsOf(null);
  if (!ApiError.is(error)) return t('errors.UNEXPECTED');
  const own = `errors.${error.code}`;
  if (has(own)) return t(own);
  const { title, detail } = error;
  if (title && detail && title !== detail) return withDetail.has(error.code) ? `${title} ${detail}` : title;
  return title || detail || t('errors.UNEXPECTED');
}
