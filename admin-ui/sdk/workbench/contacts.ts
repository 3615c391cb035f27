/** One contact of the agent on any channel, as the plugin `interactions` streams it on `interactions/agent/me`. */
export interface Contact {
  readonly id: string;
  /** `voice`, `chat`, `email`, … */
  readonly channel: string;
  readonly direction: 'in' | 'out' | 'internal';
  readonly state: ContactState;
  /** The other party's address, in clear only for those who may see it. */
  readonly address: string;
  /** As it is to be shown; masked when the permission is missing. */
  readonly displayAddress: string;
  readonly name?: string | null;
  /** What the customer reached: the hotline, the chat entry. */
  readonly via?: string | null;
  readonly queue?: string | null;
  /** Start of the present state; epoch milliseconds. */
  readonly since: number;
  readonly callId?: string | null;
  readonly legId?: string | null;
  /** An offer ends then; epoch milliseconds. */
  readonly offeredUntil?: number | null;
}
export type ContactState = 'offered' | 'active' | 'held' | 'wrap-up' | 'ended';

/** New contacts go to the end and nobody moves, so that Alt+1…9 keep their meaning while the agent looks away. */
export function putContact(contacts: readonly Contact[], contact: Contact): Contact[] {
  const at = contacts.findIndex((one) => one.id === contact.id);
  return at < 0 ? [...contacts, contact] : contacts.with(at, contact);
}

/**
 * Which contact is on the screen after a change. A choice of the agent stays as long as its contact does. Otherwise
 * the one that is talking, then the one that is offered, then the first.
 */
export function chooseContact(contacts: readonly Contact[], selected: string | null): string | null {
  if (selected !== null && contacts.some((one) => one.id === selected)) return selected;
  const by = (state: ContactState) => contacts.find((one) => one.state === state);
  return (by('active') ?? by('offered') ?? contacts[0])?.id ?? null;
}
