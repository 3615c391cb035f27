import { z } from '@jackfield/core/sdk';
import type { Interaction } from '@jackfield/plugin-interactions/contract';
import { addressChannel, maskAddress } from './address.ts';
import { type AddressRow, type CustomerRow, STATUSES } from './customer.entity.ts';

export const AddressDto = z.object({
  id: z.string(),
  channel: z.string(),
  /** Null unless the reader may see numbers. */
  address: z.string().nullable(),
  displayAddress: z.string(),
});
export const CustomerDto = z.object({
  id: z.string(),
  name: z.string(),
  company: z.string(),
  status: z.enum(STATUSES),
  source: z.string(),
  remark: z.string(),
  ownerUserId: z.string().nullable(),
  ownerName: z.string().nullable(),
  addresses: z.array(AddressDto),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export const ContactDto = z.object({
  id: z.string(),
  channel: z.string(),
  direction: z.enum(['inbound', 'outbound', 'internal']),
  displayAddress: z.string(),
  via: z.string(),
  openedAt: z.number(),
  closedAt: z.number().nullable(),
  outcome: z.string().nullable(),
  ref: z.object({ plugin: z.string(), id: z.string() }),
});

export interface Reader {
  readonly id: string;
  can(permission: string): boolean;
}

export const seesNumbers = (reader: Reader) => reader.can('crm:see-numbers');

export function customerDto(
  row: CustomerRow,
  addresses: readonly AddressRow[],
  names: ReadonlyMap<string, string>,
  reader: Reader,
): z.input<typeof CustomerDto> {
  const { id, name, company, status, source, remark, ownerUserId, createdAt, updatedAt } = row;
  return {
    id,
    name,
    company,
    status,
    source,
    remark,
    ownerUserId,
    ownerName: ownerUserId === null ? null : (names.get(ownerUserId) ?? null),
    addresses: addresses.filter((one) => one.customerId === id).map((one) => addressDto(one, reader)),
    createdAt,
    updatedAt,
  };
}

export function addressDto(row: AddressRow, reader: Reader): z.input<typeof AddressDto> {
  const full = seesNumbers(reader);
  const { id, channel, address } = row;
  return {
    id,
    channel,
    address: full ? address : null,
    displayAddress: full ? address : maskAddress(channel, address),
  };
}

export function contactDto(contact: Interaction, reader: Reader): z.input<typeof ContactDto> {
  const { id, channel, direction, address, via, openedAt, closedAt, outcome, ref } = contact;
  return {
    id,
    channel,
    direction,
    displayAddress: seesNumbers(reader) ? address : maskAddress(addressChannel(channel), address),
    via,
    openedAt,
    closedAt,
    outcome,
    ref: { plugin: ref.plugin, id: ref.id },
  };
}
