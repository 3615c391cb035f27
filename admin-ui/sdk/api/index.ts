import { noteServerDate } from '../clock.ts';
import { currentLocale } from '../i18n.ts';
import { createApi } from './api.ts';

const listeners = new Set<() => void>();

/** Host only: called when the server says that nobody is signed in any more. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The server's HTTP interface. `api.get<Page<Customer>>('crm/customers', { query: { search } })`. */
export const api = createApi({
  fetch: (input, init) => fetch(input, init),
  locale: currentLocale,
  onServerDate: (at) => noteServerDate(at, Date.now()),
  onSignedOut: () => {
    for (const listener of listeners) listener();
  },
});
