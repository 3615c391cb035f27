import { api } from '@jackfield/admin-ui/sdk';
import { shallowRef } from 'vue';

export interface Choices {
  readonly owners: readonly { readonly id: string; readonly name: string }[];
  readonly sources: readonly string[];
}
const FRESH_MS = 60_000;
const choices = shallowRef<Choices>({ owners: [], sources: [] });
let askedAt = 0;

/** Owners and sources a form offers; empty until they are there, and a form works without them. */
export function useChoices() {
  if (Date.now() - askedAt > FRESH_MS) {
    askedAt = Date.now();
    api.get<Choices>('crm/choices').then(
      (found) => {
        choices.value = found;
      },
      () => {
        askedAt = 0;
      },
    );
  }
  return choices;
}
