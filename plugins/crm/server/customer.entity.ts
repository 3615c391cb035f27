import { defineEntity, id, oneOf, type RowOf, text } from '@jackfield/core/sdk';

export const STATUSES = ['new', 'following', 'customer', 'lost'] as const;

export const CustomerEntity = defineEntity({
  table: 'crm_customer',
  columns: {
    name: text(128),
    company: text(128, { default: '' }),
    status: oneOf(STATUSES, { default: 'new' }),
    source: text(64, { default: '' }),
    remark: text(2000, { default: '' }),
    /** Null for a customer who belongs to nobody. */
    ownerUserId: id({ nullable: true }),
    /** The server itself for the demo. */
    createdBy: id({ nullable: true }),
  },
  indexes: [
    { columns: ['name', 'id'] },
    { columns: ['status', 'id'] },
    { columns: ['ownerUserId', 'id'] },
    { columns: ['updatedAt', 'id'] },
  ],
});
export type CustomerRow = RowOf<typeof CustomerEntity>;

/** Where a customer can be reached. One address belongs to one customer. */
export const AddressEntity = defineEntity({
  table: 'crm_address',
  columns: {
    customerId: id(),
    /** `voice` for telephone numbers, of SMS too; `email`, `wechat`, … */
    channel: text(24),
    /** E.164 where it could be made so. */
    address: text(128),
    asGiven: text(128),
    /** Its last four characters: what is not masked may be searched. */
    tail: text(4),
  },
  indexes: [
    { columns: ['channel', 'address'], unique: true },
    { columns: ['address'] },
    { columns: ['customerId'] },
    { columns: ['tail'] },
  ],
});
export type AddressRow = RowOf<typeof AddressEntity>;
