import { computed, shallowRef } from 'vue';

/** Whom to call: a number in clear, or the record that holds it when the number is masked for this user. */
export interface DialTarget {
  readonly number?: string;
  readonly ref?: { readonly type: string; readonly id: string; readonly field?: string };
  /** As it is shown to the agent. */
  readonly display: string;
}
export type Dialer = (target: DialTarget) => void | Promise<void>;

const current = shallowRef<Dialer | null>(null);

/** For the plugin with the phone: from now on numbers on every screen can be called. Returns the undo. */
export function registerDialer(dialer: Dialer): () => void {
  current.value = dialer;
  return () => {
    if (current.value === dialer) current.value = null;
  };
}

/** `dial` is null while no phone is there. */
export function useDialer() {
  return { dial: computed(() => current.value) };
}
