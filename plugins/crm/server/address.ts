import { maskNumber } from '@jackfield/core/sdk';
import type { Interaction } from '@jackfield/plugin-interactions/contract';

export interface Address {
  readonly channel: string;
  readonly address: string;
  readonly asGiven: string;
  readonly tail: string;
}
/** Why something cannot be an address; keys of the plugin's texts. */
export type AddressFault = 'addressEmpty' | 'numberMalformed' | 'emailMalformed' | 'addressTooLong';

const MOST = 128;

/** A text message comes from a telephone: one number is one address, whatever is done with it. */
export function addressChannel(channel: string): string {
  return channel === 'sms' ? 'voice' : channel;
}

/** `normalise` makes a telephone number E.164 where it can. */
export async function readAddress(
  given: { readonly channel: string; readonly value: string },
  normalise: (number: string) => Promise<string>,
): Promise<Address | AddressFault> {
  const channel = addressChannel(given.channel);
  const asGiven = given.value.trim();
  if (asGiven === '') return 'addressEmpty';
  if (asGiven.length > MOST) return 'addressTooLong';
  if (channel === 'voice') {
    const compact = asGiven.replace(/[\s().-]/g, '');
    if (!/^\+?\d{2,20}$/.test(compact)) return 'numberMalformed';
    return addressOf(channel, await normalise(compact), asGiven);
  }
  if (channel === 'email') {
    if (!/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(asGiven)) return 'emailMalformed';
    return addressOf(channel, asGiven.toLowerCase(), asGiven);
  }
  return addressOf(channel, asGiven, asGiven);
}

/** Null when the contact has none: a caller who hides his number. */
export function addressOfContact(
  contact: Pick<Interaction, 'channel' | 'address' | 'addressAsGiven'>,
): Address | null {
  if (contact.address === '') return null;
  return addressOf(
    addressChannel(contact.channel),
    contact.address,
    contact.addressAsGiven || contact.address,
  );
}

function addressOf(channel: string, address: string, asGiven: string): Address {
  return { channel, address, asGiven, tail: address.slice(-4) };
}

/** Telephone numbers are masked as everywhere; of other addresses the begin and the domain stay. */
export function maskAddress(channel: string, address: string): string {
  if (channel === 'voice') return maskNumber(address);
  const at = address.indexOf('@');
  const name = at < 0 ? address : address.slice(0, at);
  return `${name.slice(0, 2)}****${at < 0 ? '' : address.slice(at)}`;
}
