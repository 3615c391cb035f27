import { type CustomerFields, emptyFields } from './types.ts';

/** What was typed for a contact before it was saved: looking at another contact must not lose it. */
const drafts = new Map<string, CustomerFields>();
const MOST = 50;

export function draftOf(contactId: string, name: string, ownerUserId: string | null): CustomerFields {
  const draft = drafts.get(contactId) ?? emptyFields(name, ownerUserId);
  // The oldest are of contacts that ended long ago.
  if (drafts.size >= MOST)
    for (const key of [...drafts.keys()].slice(0, drafts.size - MOST + 1)) drafts.delete(key);
  drafts.set(contactId, draft);
  return draft;
}

export function dropDraft(contactId: string): void {
  drafts.delete(contactId);
}
