import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { streams } from '../realtime/socket.ts';
import type { StreamStatus } from '../realtime/stream-state.ts';
import { type Contact, chooseContact, putContact } from './contacts.ts';

/**
 * The agent's contacts, shared by softphone bar, contact list, conversation and customer card. It follows the
 * stream from the first use until sign-out, also while another page is open, so that nothing is missed there.
 */
export const useWorkbench = defineStore('jackfield-workbench', () => {
  const contacts = shallowRef<readonly Contact[]>([]);
  const selectedId = ref<string | null>(null);
  const status = ref<StreamStatus>('connecting');
  let close: (() => void) | null = null;

  function put(next: readonly Contact[]): void {
    contacts.value = next;
    selectedId.value = chooseContact(next, selectedId.value);
  }
  /** Host only: begins to follow the stream. */
  function follow(): void {
    close ??= streams.open('interactions/agent/me', {
      onSnapshot: (snapshot) => put((snapshot as { contacts: Contact[] }).contacts),
      onMessage: (message) => {
        if (message.type === 'contact')
          put(putContact(contacts.value, (message.data as { contact: Contact }).contact));
        if (message.type === 'removed') {
          const { id } = message.data as { id: string };
          put(contacts.value.filter((one) => one.id !== id));
        }
      },
      onState: (state) => {
        status.value = state.status;
      },
    });
  }
  /** Host only: at sign-out, or when `interactions` is switched off. */
  function leave(): void {
    close?.();
    close = null;
    status.value = 'connecting';
    put([]);
  }
  function select(id: string): void {
    if (contacts.value.some((one) => one.id === id)) selectedId.value = id;
  }
  /** The nth in the list, from 1. */
  function selectNumber(number: number): void {
    const contact = contacts.value[number - 1];
    if (contact) selectedId.value = contact.id;
  }
  return {
    contacts,
    selectedId,
    selected: computed(() => contacts.value.find((one) => one.id === selectedId.value) ?? null),
    status,
    select,
    selectNumber,
    follow,
    leave,
  };
});
