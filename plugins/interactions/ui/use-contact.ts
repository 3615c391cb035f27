import { ApiError, api } from '@jackfield/admin-ui/sdk';
import { onScopeDispose, type ShallowRef, shallowRef, watch } from 'vue';
import type { ContactWithTimeline } from './types.ts';

export interface OpenContact {
  readonly contact: Readonly<ShallowRef<ContactWithTimeline | null>>;
  /** Why there is nothing to show; null once there is. */
  readonly failure: Readonly<ShallowRef<unknown>>;
  /** A load that is wanted during another follows it: what the first has read may be too old. */
  load(): void;
}

/** A contact with its timeline. What is shown stays while it is read again, also when that fails. */
export function useContact(id: () => string | null): OpenContact {
  const contact = shallowRef<ContactWithTimeline | null>(null);
  const failure = shallowRef<unknown>(null);
  let running: AbortController | null = null;
  let again = false;

  async function read(wanted: string): Promise<void> {
    const mine = new AbortController();
    running = mine;
    again = false;
    try {
      const path = `interactions/${encodeURIComponent(wanted)}`;
      const found = await api.get<ContactWithTimeline>(path, { signal: mine.signal });
      if (running !== mine) return;
      contact.value = found;
      failure.value = null;
    } catch (error) {
      if (running !== mine) return;
      if (contact.value === null || (ApiError.is(error) && error.status === 404)) failure.value = error;
    }
    running = null;
    if (again) load();
  }
  function load(): void {
    const wanted = id();
    if (wanted === null) return;
    if (running) again = true;
    else void read(wanted);
  }
  watch(
    id,
    () => {
      running?.abort();
      running = null;
      contact.value = null;
      failure.value = null;
      load();
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    running?.abort();
    running = null;
  });
  return { contact, failure, load };
}
