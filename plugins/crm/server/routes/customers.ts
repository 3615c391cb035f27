import { JackfieldError, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import type { InteractionsApi } from '@jackfield/plugin-interactions/contract';
import { type Address, addressOfContact } from '../address.ts';
import { CustomerEntity, type CustomerRow, STATUSES } from '../customer.entity.ts';
import { type Customers, MOST_ADDRESSES } from '../customers.ts';
import { AddressDto, addressDto, CustomerDto, customerDto, type Reader, seesNumbers } from '../dto.ts';
import { ownersOf, signedIn } from './request.ts';

const Given = z.object({
  channel: z.string().trim().min(1).max(24).default('voice'),
  value: z.string().max(200),
});
const Values = z.object({
  name: z.string().trim().min(1).max(128),
  company: z.string().trim().max(128).optional(),
  status: z.enum(STATUSES).optional(),
  source: z.string().trim().max(64).optional(),
  remark: z.string().trim().max(2000).optional(),
  ownerUserId: z.string().max(26).nullable().optional(),
});
const ById = z.object({ id: z.string().max(26) });

export function customerRoutes(
  ctx: PluginContext,
  customers: Customers,
  interactions: InteractionsApi,
): void {
  const repo = ctx.repo(CustomerEntity);

  async function shown(row: CustomerRow, reader: Reader): Promise<z.input<typeof CustomerDto>> {
    return customerDto(row, await customers.addressesOf([row.id]), await ownersOf(ctx, [row]), reader);
  }

  async function addressOfInteraction(id: string): Promise<Address | null> {
    return addressOfContact(await interactions.get(id));
  }

  async function checkOwner(ownerUserId: string | null | undefined): Promise<void> {
    if (!ownerUserId) return;
    if ((await ctx.directory.users({ ids: [ownerUserId] })).length > 0) return;
    const message = ctx.i18n.t('errors.noSuchOwner');
    throw new JackfieldError('VALIDATION_FAILED', message, {
      details: { errors: [{ path: 'body.ownerUserId', message }] },
    });
  }

  ctx.routes.get(
    '/customers',
    {
      permission: 'crm:read',
      summary: 'Customers; search finds names, companies, whole numbers and the last four digits',
      query: pageQuery.extend({
        status: z.enum(STATUSES).optional(),
        /** A user id, `me`, or `none`. */
        owner: z.string().max(26).optional(),
      }),
      response: pageOf(CustomerDto),
    },
    async ({ query: { search, status, owner, ...page }, user }) => {
      const reader = signedIn(user);
      const ownerUserId = owner === 'me' ? reader.id : owner;
      const result = await repo.page(page, {
        where: {
          ...(search ? await customers.matching(search, seesNumbers(reader)) : {}),
          ...(status ? { status } : {}),
          ...(ownerUserId ? { ownerUserId: ownerUserId === 'none' ? null : ownerUserId } : {}),
        },
        sortable: ['name', 'company', 'status', 'createdAt', 'updatedAt'],
        defaultSort: '-updatedAt',
      });
      const addresses = await customers.addressesOf(result.items.map((row) => row.id));
      const owners = await ownersOf(ctx, result.items);
      return { ...result, items: result.items.map((row) => customerDto(row, addresses, owners, reader)) };
    },
  );

  ctx.routes.post(
    '/customers',
    {
      permission: 'crm:write',
      summary: 'A new customer; `interactionId` gives it the address of a contact',
      body: Values.extend({
        addresses: z.array(Given).max(MOST_ADDRESSES).default([]),
        interactionId: z.string().max(26).optional(),
      }),
      response: CustomerDto,
      status: 201,
    },
    async ({ body: { addresses, interactionId, ...values }, user }) => {
      const reader = signedIn(user);
      await checkOwner(values.ownerUserId);
      const given: Address[] = [];
      for (const [at, one] of addresses.entries()) {
        given.push(await customers.check(one, `body.addresses.${at}.value`));
      }
      const contact = interactionId === undefined ? null : await addressOfInteraction(interactionId);
      if (contact) given.unshift(contact);
      // Whoever meets a customer first looks after him, unless it is said otherwise.
      const { ownerUserId = reader.id } = values;
      const row = await customers.create({ ...values, ownerUserId, createdBy: reader.id }, given);
      return shown(row, reader);
    },
  );

  ctx.routes.get(
    '/customers/:id',
    { permission: 'crm:read', summary: 'A customer', params: ById, response: CustomerDto },
    async ({ params, user }) => shown(await customers.get(params.id), signedIn(user)),
  );

  ctx.routes.patch(
    '/customers/:id',
    {
      permission: 'crm:write',
      summary: 'Changes what is given of a customer',
      params: ById,
      body: Values.partial(),
      response: CustomerDto,
    },
    async ({ params, body, user }) => {
      await checkOwner(body.ownerUserId);
      return shown(await customers.update(params.id, body), signedIn(user));
    },
  );

  ctx.routes.delete(
    '/customers/:id',
    { permission: 'crm:delete', summary: 'Deletes a customer; contacts stay', params: ById },
    async ({ params }) => customers.remove(params.id),
  );

  ctx.routes.post(
    '/customers/:id/addresses',
    {
      permission: 'crm:write',
      summary: 'Gives a customer another address, as typed or of a contact',
      params: ById,
      body: z.union([Given, z.object({ interactionId: z.string().max(26) })]),
      response: AddressDto,
      status: 201,
    },
    async ({ params, body, user }) => {
      const reader = signedIn(user);
      const address =
        'interactionId' in body
          ? await addressOfInteraction(body.interactionId)
          : await customers.check(body, 'body.value');
      if (!address) throw new JackfieldError('CONFLICT', ctx.i18n.t('errors.contactHasNoAddress'));
      return addressDto(await customers.addAddress(params.id, address), reader);
    },
  );

  ctx.routes.delete(
    '/customers/:id/addresses/:addressId',
    {
      permission: 'crm:write',
      summary: 'Takes an address away',
      params: ById.extend({ addressId: z.string().max(26) }),
    },
    async ({ params }) => customers.removeAddress(params.id, params.addressId),
  );

  ctx.routes.get(
    '/choices',
    {
      permission: 'crm:read',
      summary: 'What forms offer: owners and sources',
      response: z.object({
        owners: z.array(z.object({ id: z.string(), name: z.string() })),
        sources: z.array(z.string()),
      }),
    },
    async () => ({
      owners: (await ctx.directory.users())
        .filter((one) => !one.disabled)
        .map(({ id, name }) => ({ id, name })),
      sources: [...ctx.settings.get<readonly string[]>('sources')],
    }),
  );
}
