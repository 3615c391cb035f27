import { type PluginContext, z } from '@jackfield/core/sdk';
import type { Interaction, InteractionsApi } from '@jackfield/plugin-interactions/contract';
import { type Address, addressOfContact, maskAddress } from '../address.ts';
import type { CustomerRow } from '../customer.entity.ts';
import type { Customers } from '../customers.ts';
import { ContactDto, CustomerDto, contactDto, customerDto, type Reader, seesNumbers } from '../dto.ts';
import { ownersOf, signedIn } from './request.ts';

const MOST_CONTACTS = 100;

const OfContact = z.object({ interactionId: z.string().max(26) });
const OfNumber = z.object({ number: z.string().min(1).max(64) });

/** Who it is, and what there was before: the screen pop. */
export function lookupRoutes(ctx: PluginContext, customers: Customers, interactions: InteractionsApi): void {
  async function customerAt(address: Address | null): Promise<CustomerRow | null> {
    return address && (await customers.find(address));
  }

  /** Contacts of every address of the customer; of the address alone while nobody has it. */
  async function contactsOf(customer: CustomerRow | null, address: Address | null): Promise<Interaction[]> {
    const known = customer ? (await customers.addressesOf([customer.id])).map((row) => row.address) : [];
    const addresses = new Set([...known, ...(address ? [address.address] : [])]);
    return await interactions.history([...addresses], MOST_CONTACTS);
  }

  async function shown(customer: CustomerRow | null, reader: Reader) {
    if (!customer) return null;
    return customerDto(
      customer,
      await customers.addressesOf([customer.id]),
      await ownersOf(ctx, [customer]),
      reader,
    );
  }

  ctx.routes.get(
    '/lookup',
    {
      permission: 'crm:read',
      summary: 'The customer behind a contact or a number, with what was before',
      query: z.union([OfContact, OfNumber]),
      response: z.object({
        customer: CustomerDto.nullable(),
        /** What a new customer would be saved under; null when the number is hidden. */
        channel: z.string().nullable(),
        displayAddress: z.string().nullable(),
        /** The name the caller's side gave. */
        name: z.string(),
        /** Is the card to open by itself for this contact? */
        pop: z.boolean(),
        /** Earlier contacts, and the last of them. */
        contacts: z.number(),
        lastContact: ContactDto.nullable(),
      }),
    },
    async ({ query, user }) => {
      const reader = signedIn(user);
      const contact = 'interactionId' in query ? await interactions.get(query.interactionId) : null;
      const address =
        'number' in query
          ? await customers.check({ channel: 'voice', value: query.number }, 'query.number')
          : contact && addressOfContact(contact);
      const customer = await customerAt(address);
      const before = (await contactsOf(customer, address)).filter((one) => one.id !== contact?.id);
      const [last] = before;
      return {
        customer: await shown(customer, reader),
        channel: address?.channel ?? null,
        displayAddress: address && displayed(address, reader),
        name: contact ? callerName(contact) : '',
        pop: contact === null || popsUp(ctx, contact),
        contacts: before.length,
        lastContact: last ? contactDto(last, reader) : null,
      };
    },
  );

  ctx.routes.get(
    '/history',
    {
      permission: 'crm:read',
      summary: 'Contacts of a customer on all channels, or of an unknown caller, newest first',
      query: z.union([OfContact, z.object({ customerId: z.string().max(26) })]),
      response: z.object({ items: z.array(ContactDto) }),
    },
    async ({ query, user }) => {
      const reader = signedIn(user);
      if ('customerId' in query) {
        const items = await contactsOf(await customers.get(query.customerId), null);
        return { items: items.map((one) => contactDto(one, reader)) };
      }
      const address = addressOfContact(await interactions.get(query.interactionId));
      const items = await contactsOf(await customerAt(address), address);
      return { items: items.map((one) => contactDto(one, reader)) };
    },
  );
}

/** A phone without a name sends its number as one; shown, it would undo the mask. */
function callerName({ name, address, addressAsGiven }: Interaction): string {
  const bare = (text: string) => text.replace(/^\+/, '');
  return [bare(address), bare(addressAsGiven)].includes(bare(name)) ? '' : name;
}

function popsUp(ctx: PluginContext, { direction }: Interaction): boolean {
  if (direction === 'internal') return false;
  return ctx.settings.get<boolean>(direction === 'inbound' ? 'popInbound' : 'popOutbound');
}

function displayed({ channel, address }: Address, reader: Reader): string {
  return seesNumbers(reader) ? address : maskAddress(channel, address);
}
