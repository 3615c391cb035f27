/**
 * One contact of the agent on any channel, as the plugin `interactions` streams it on `interactions/agent/me`
 * (`WorkbenchContact` of its contract).
 */
export interface Contact {
  readonly id: string;
  /** `voice`, `chat`, `email`, … */
  readonly channel: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly state: ContactState;
  /** The other party's address; null for those who may not see it. */
  readonly address: string | null;
  /** As it is to be shown; masked when the permission is missing. */
  readonly displayAddress: string;
  /** Empty when nobody knows it. */
  readonly name: string;
  /** What the customer reached: the hotline, the chat entry. */
  readonly via: string;
  /** Start of the present state; epoch milliseconds. */
  readonly since: number;
  /** The channel's own record: of plugin `telephony` the id is the call's. */
  readonly ref: { readonly plugin: string; readonly id: string };
  /** What channel and routing add, such as `queue`, `offeredUntil` and, of a wrap-up, `until`. */
  readonly data: Readonly<Record<string, unknown>>;
}
export type ContactState = 'offered' | 'active' | 'held' | 'wrap-up';

/** Name of the queue it came through; empty when it came through none. */
export function queueOf({ data }: Pick<Contact, 'data'>): string {
  return typeof data.queue === 'string' ? data.queue : '';
}

/** When the present state ends by itself, epoch milliseconds: an offer that is not taken, a wrap-up that runs out. */
export function deadlineOf({ state, data }: Pick<Contact, 'state' | 'data'>): number | null {
  const at = state === 'offered' ? data.offeredUntil : state === 'wrap-up' ? data.until : null;
  return typeof at === 'number' ? at : null;
}

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
