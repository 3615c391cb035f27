import { defineEntity, id, type Migration, text } from '@jackfield/core/sdk';

const customer = defineEntity({
  table: 'crm_customer',
  columns: {
    name: text(128),
    company: text(128, { default: '' }),
    status: text(32, { default: 'new' }),
    source: text(64, { default: '' }),
    remark: text(2000, { default: '' }),
    ownerUserId: id({ nullable: true }),
    createdBy: id({ nullable: true }),
  },
  indexes: [
    { columns: ['name', 'id'] },
    { columns: ['status', 'id'] },
    { columns: ['ownerUserId', 'id'] },
    { columns: ['updatedAt', 'id'] },
  ],
});

const address = defineEntity({
  table: 'crm_address',
  columns: {
    customerId: id(),
    channel: text(24),
    address: text(128),
    asGiven: text(128),
    tail: text(4),
  },
  indexes: [
    { columns: ['channel', 'address'], unique: true },
    { columns: ['address'] },
    { columns: ['customerId'] },
    { columns: ['tail'] },
  ],
});

export default {
  async up(schema) {
    for (const table of [customer, address]) await schema.createTable(table);
  },
} satisfies Migration;
