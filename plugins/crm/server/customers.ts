import { JackfieldError, type PluginContext, type Where } from '@jackfield/core/sdk';
import type { InteractionsApi } from '@jackfield/plugin-interactions/contract';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import { type Address, maskAddress, readAddress } from './address.ts';
import { AddressEntity, type AddressRow, CustomerEntity, type CustomerRow } from './customer.entity.ts';

export interface CustomerValues {
  readonly name: string;
  readonly company: string;
  readonly status: CustomerRow['status'];
  readonly source: string;
  readonly remark: string;
  readonly ownerUserId: string | null;
}
export type NewCustomer = Partial<CustomerValues> & { readonly name: string; readonly createdBy?: string };
export interface GivenAddress {
  readonly channel: string;
  readonly value: string;
}
/** More than anybody has; what is beyond is not shown. */
export const MOST_ADDRESSES = 50;
const MOST_FOUND = 1_000;

export interface Customers {
  get(id: string): Promise<CustomerRow>;
  find(address: Pick<Address, 'channel' | 'address'>): Promise<CustomerRow | null>;
  /** By address alone, whatever the channel. */
  findAnywhere(address: string): Promise<CustomerRow | null>;
  addressesOf(ids: readonly string[]): Promise<AddressRow[]>;
  /** CONFLICT with `customerId` and `customerName` in its details when an address is another's. */
  create(values: NewCustomer, addresses: readonly Address[]): Promise<CustomerRow>;
  update(id: string, patch: Partial<CustomerValues>): Promise<CustomerRow>;
  remove(id: string): Promise<void>;
  /** Idempotent for an address the customer has already. */
  addAddress(id: string, address: Address): Promise<AddressRow>;
  removeAddress(id: string, addressId: string): Promise<void>;
  /** VALIDATION_FAILED at `path` when it cannot be one. */
  check(given: GivenAddress, path: string): Promise<Address>;
  /** Customers that a search text means; `full`: the reader sees numbers, and may search by any part of one. */
  matching(search: string, full: boolean): Promise<Where<CustomerRow>>;
}

export function createCustomers(
  ctx: PluginContext,
  telephony: Pick<TelephonyApi, 'normalise'> | null,
  contacts: Pick<InteractionsApi, 'rename'>,
): Customers {
  const customers = ctx.repo(CustomerEntity);
  const addresses = ctx.repo(AddressEntity);
  const normalise = async (number: string) => (telephony ? telephony.normalise(number) : number);

  async function holderOf({
    channel,
    address,
  }: Pick<Address, 'channel' | 'address'>): Promise<CustomerRow | null> {
    const row = await addresses.findOne({ channel, address });
    return row && customers.findOne({ id: row.customerId });
  }

  /** The one who is there already is named, so that he can be opened instead. */
  function taken(holder: CustomerRow, { channel, address }: Address): JackfieldError {
    const values = { name: holder.name, address: maskAddress(channel, address) };
    return new JackfieldError('CONFLICT', ctx.i18n.t('errors.addressTaken', values), {
      details: { reason: 'address-taken', customerId: holder.id, customerName: holder.name },
    });
  }

  async function refuseTaken(given: readonly Address[], except: string | null): Promise<void> {
    for (const one of given) {
      const holder = await holderOf(one);
      if (holder && holder.id !== except) throw taken(holder, one);
    }
  }

  /** Two agents may save the same caller at the same moment: the table decides, and the loser is told who won. */
  async function orTaken<T>(
    given: readonly Address[],
    except: string | null,
    work: () => Promise<T>,
  ): Promise<T> {
    await refuseTaken(given, except);
    try {
      return await work();
    } catch (error) {
      if (JackfieldError.is(error) && error.code === 'CONFLICT') await refuseTaken(given, except);
      throw error;
    }
  }

  return {
    get: (id) => customers.get(id),
    find: holderOf,
    async findAnywhere(address) {
      const row = await addresses.findOne({ address });
      return row && customers.findOne({ id: row.customerId });
    },
    addressesOf: (ids) =>
      addresses.find(
        { customerId: { in: ids } },
        { orderBy: { id: 'asc' }, limit: Math.min(10_000, Math.max(1, ids.length) * MOST_ADDRESSES) },
      ),
    async create(values, given) {
      const unique = [...new Map(given.map((one) => [`${one.channel} ${one.address}`, one])).values()];
      const created = await orTaken(unique, null, () =>
        ctx.tx(async () => {
          const customer = await customers.insert(values);
          await addresses.insertMany(unique.map((one) => ({ customerId: customer.id, ...one })));
          await ctx.audit.record({
            action: 'customer.create',
            target: targetOf(customer),
            after: { ...editable(customer), addresses: unique.map(masked) },
          });
          return customer;
        }),
      );
      await contacts.rename(
        unique.map(({ address }) => address),
        created.name,
      );
      return created;
    },
    async update(id, patch) {
      const { before, after } = await ctx.tx(async () => {
        const before = await customers.get(id);
        const after = await customers.update(id, patch);
        await ctx.audit.record({
          action: 'customer.update',
          target: targetOf(after),
          before: editable(before),
          after: editable(after),
        });
        return { before, after };
      });
      if (after.name !== before.name) {
        const own = await addresses.find({ customerId: id }, { limit: MOST_ADDRESSES });
        await contacts.rename(
          own.map(({ address }) => address),
          after.name,
        );
      }
      return after;
    },
    remove: (id) =>
      ctx.tx(async () => {
        const customer = await customers.get(id);
        await addresses.deleteWhere({ customerId: id });
        await customers.delete(id);
        await ctx.audit.record({
          action: 'customer.delete',
          target: targetOf(customer),
          before: editable(customer),
        });
      }),
    async addAddress(id, given) {
      const customer = await customers.get(id);
      const present = await addresses.findOne({
        customerId: id,
        channel: given.channel,
        address: given.address,
      });
      if (present) return present;
      if ((await addresses.count({ customerId: id })) >= MOST_ADDRESSES) {
        throw new JackfieldError('CONFLICT', ctx.i18n.t('errors.tooManyAddresses', { n: MOST_ADDRESSES }));
      }
      const added = await orTaken([given], id, () =>
        ctx.tx(async () => {
          const row = await addresses.insert({ customerId: id, ...given });
          await ctx.audit.record({
            action: 'customer.add-address',
            target: targetOf(customer),
            after: { address: masked(given) },
          });
          return row;
        }),
      );
      await contacts.rename([given.address], customer.name);
      return added;
    },
    removeAddress: (id, addressId) =>
      ctx.tx(async () => {
        const customer = await customers.get(id);
        const row = await addresses.get(addressId);
        if (row.customerId !== id) throw new JackfieldError('NOT_FOUND');
        await addresses.delete(addressId);
        await ctx.audit.record({
          action: 'customer.remove-address',
          target: targetOf(customer),
          before: { address: masked(row) },
        });
      }),
    async check(given, path) {
      const read = await readAddress(given, normalise);
      if (typeof read !== 'string') return read;
      const message = ctx.i18n.t(`errors.${read}`);
      throw new JackfieldError('VALIDATION_FAILED', message, { details: { errors: [{ path, message }] } });
    },
    async matching(search, full) {
      const digits = search.replace(/[\s().-]/g, '');
      const numeric = /^\+?\d{2,20}$/.test(digits);
      const whole = numeric ? await normalise(digits) : search;
      const found = await addresses.find(
        {
          $or: [
            { address: { in: [whole, search.toLowerCase(), search] } },
            ...(numeric && digits.length === 4 ? [{ tail: digits }] : []),
            // A part of a number would tell, search by search, what is masked.
            ...(full ? [{ address: { contains: numeric ? digits : search } }] : []),
          ],
        },
        { limit: MOST_FOUND },
      );
      const ids = [...new Set(found.map((row) => row.customerId))];
      return {
        $or: [
          { name: { contains: search } },
          { company: { contains: search } },
          ...(ids.length > 0 ? [{ id: { in: ids } }] : []),
        ],
      };
    },
  };
}

function targetOf({ id, name }: CustomerRow) {
  return { type: 'customer', id, label: name };
}

function editable({ name, company, status, source, remark, ownerUserId }: CustomerRow): CustomerValues {
  return { name, company, status, source, remark, ownerUserId };
}

function masked({ channel, address }: Pick<Address, 'channel' | 'address'>): string {
  return maskAddress(channel, address);
}
