import { definePlugin } from '@jackfield/core/sdk';
import { interactions } from '@jackfield/plugin-interactions/contract';
import { telephony } from '@jackfield/plugin-telephony/contract';
import { crm } from '../contract.ts';
import { addressChannel } from './address.ts';
import { AddressEntity, CustomerEntity } from './customer.entity.ts';
import { type Customers, createCustomers } from './customers.ts';
import { demoCustomers } from './demo.ts';
import { customerRoutes } from './routes/customers.ts';
import { lookupRoutes } from './routes/lookup.ts';

/** The call waits for it: later, the number alone must do. */
const NAME_MS = 1_000;

export default definePlugin({
  entities: [CustomerEntity, AddressEntity],
  setup(ctx) {
    const contacts = ctx.use(interactions);
    const phone = ctx.useOptional(telephony);
    const customers = createCustomers(ctx, phone, contacts);
    const addresses = ctx.repo(AddressEntity);
    ctx.provide(crm, () => ({
      async find(address) {
        const customer = await customers.findAnywhere(address);
        return customer && { id: customer.id, name: customer.name };
      },
    }));
    customerRoutes(ctx, customers, contacts);
    lookupRoutes(ctx, customers, contacts);
    ctx.hooks.on('interactions:name', ({ channel, address }) => nameOf(customers, channel, address), {
      timeoutMs: NAME_MS,
    });
    ctx.hooks.on('core:demo', demoCustomers(customers), { order: 60, timeoutMs: 30_000 });
    if (!phone) return;
    // An agent calls a customer whose number is masked for him.
    ctx.hooks.on('call:resolve-number', async ({ type, id }) => {
      if (type !== 'crm.address') return undefined;
      return (await addresses.get(id)).address;
    });
  },
});

async function nameOf(customers: Customers, channel: string, address: string): Promise<string | undefined> {
  return (await customers.find({ channel: addressChannel(channel), address }))?.name;
}
