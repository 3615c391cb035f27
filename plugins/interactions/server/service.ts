import { type Hook, JackfieldError, maskNumber, type PluginContext, type Topic } from '@jackfield/core/sdk';
import type { Interaction, InteractionsApi, Participation, WorkbenchContact } from '../contract.ts';
import {
  EntryEntity,
  InteractionEntity,
  type InteractionRow,
  ParticipantEntity,
  type ParticipantRow,
} from './interaction.entity.ts';

/** An agent has a handful of contacts at once; more rows than this are a fault elsewhere. */
const MOST_OPEN = 100;
/** Of one customer's contacts, the latest: older ones nobody works on any more. */
const MOST_RENAMED = 50;

export interface InteractionsService extends InteractionsApi {
  /** What stands in an agent's workbench now. */
  contactsOf(userId: string): Promise<WorkbenchContact[]>;
}

/** `topic` is asked for late: the service is what its snapshot is made of. */
export function createInteractions(
  ctx: PluginContext,
  topic: () => Topic,
  whoHas: Hook<'interactions:name'>,
): InteractionsService {
  const interactions = ctx.repo(InteractionEntity);
  const entries = ctx.repo(EntryEntity);
  const participants = ctx.repo(ParticipantEntity);

  async function sees(userId: string): Promise<boolean> {
    return (await ctx.directory.user(userId)).permissions.has('interactions:see-numbers');
  }

  async function show(interaction: InteractionRow, row: ParticipantRow): Promise<void> {
    const contact = toContact(interaction, row, await sees(row.userId));
    topic().publish(row.userId, 'contact', { contact });
  }

  async function setParticipant(id: string, participation: Participation): Promise<void> {
    const interaction = await interactions.get(id);
    const row = await store(id, participation).catch((error: unknown) => {
      // Somebody else showed it to him in the same moment: now there is a row to change.
      if (JackfieldError.is(error) && error.code === 'CONFLICT') return store(id, participation);
      throw error;
    });
    await show(interaction, row);
  }

  function store(id: string, { userId, state, since, data }: Participation): Promise<ParticipantRow> {
    return ctx.tx(async () => {
      const present = await participants.findOne({ interactionId: id, userId });
      // What an earlier state said of the contact (its queue) still holds, unless this one says otherwise.
      const merged = { ...(present?.until === null ? present.data : {}), ...data };
      const values = { state, since, until: null, data: merged };
      if (present) return participants.update(present.id, values);
      return participants.insert({ interactionId: id, userId, ...values });
    });
  }

  async function removeParticipant(id: string, userId: string): Promise<void> {
    const gone = await participants.updateWhere(
      { interactionId: id, userId, until: { isNull: true } },
      { until: ctx.clock.now() },
    );
    if (gone > 0) topic().publish(userId, 'removed', { id });
  }

  return {
    async get(id) {
      return toInteraction(await interactions.get(id));
    },
    async open({ at, ref, ...input }) {
      const { channel, direction, address } = input;
      const known = direction === 'internal' || address === '' ? '' : await whoHas.run({ channel, address });
      const values = {
        ...clip({ ...input, name: known || input.name }),
        refPlugin: ref.plugin,
        refId: ref.id,
        openedAt: at,
      };
      try {
        return toInteraction(await interactions.insert(values));
      } catch (error) {
        if (!JackfieldError.is(error) || error.code !== 'CONFLICT') throw error;
        const present = await interactions.findOne({ refPlugin: ref.plugin, refId: ref.id });
        if (!present) throw error;
        return toInteraction(present);
      }
    },
    async byRef({ plugin, id }) {
      const row = await interactions.findOne({ refPlugin: plugin, refId: id });
      return row && toInteraction(row);
    },
    async record(id, { kind, at, userId, data }) {
      await interactions.get(id);
      await entries.insert({ interactionId: id, kind, at, userId: userId ?? null, data: data ?? {} });
    },
    setParticipant,
    removeParticipant,
    async rename(addresses, name) {
      const recent = await interactions.find(
        { address: { in: addresses } },
        { orderBy: { openedAt: 'desc' }, limit: MOST_RENAMED },
      );
      const present = await participants.find({
        interactionId: { in: recent.map(({ id }) => id) },
        until: { isNull: true },
      });
      for (const row of recent) {
        const people = present.filter(({ interactionId }) => interactionId === row.id);
        if (row.closedAt !== null && people.length === 0) continue;
        const renamed = await interactions.update(row.id, { name: clip({ ...row, name }).name });
        for (const one of people) await show(renamed, one);
      }
    },
    async close(id, { at, outcome }) {
      const row = await interactions.get(id);
      if (row.closedAt !== null) return;
      await ctx.tx(async () => {
        const closed = await interactions.updateWhere(
          { id, closedAt: { isNull: true } },
          { closedAt: at, outcome },
        );
        if (closed === 0) return;
        const { channel, address } = row;
        await ctx.events.publish(
          'interactions:closed',
          { interactionId: id, channel, address, outcome },
          { key: id },
        );
      });
      const open = await participants.find({ interactionId: id, until: { isNull: true } });
      for (const one of open) {
        if (one.state !== 'wrap-up') await removeParticipant(id, one.userId);
      }
    },
    async history(addresses, limit) {
      if (addresses.length === 0) return [];
      const rows = await interactions.find(
        { address: { in: addresses } },
        { orderBy: { openedAt: 'desc' }, limit: Math.min(limit, 200) },
      );
      return rows.map(toInteraction);
    },
    async contactsOf(userId) {
      const rows = await participants.find(
        { userId, until: { isNull: true } },
        { orderBy: { since: 'asc' }, limit: MOST_OPEN },
      );
      const known = new Map(
        (await interactions.find({ id: { in: rows.map((row) => row.interactionId) } })).map((row) => [
          row.id,
          row,
        ]),
      );
      const full = await sees(userId);
      return rows.flatMap((row) => {
        const interaction = known.get(row.interactionId);
        return interaction ? [toContact(interaction, row, full)] : [];
      });
    },
  };
}

/** Names and addresses come from outside and may be of any length. */
function clip<T extends { address: string; addressAsGiven: string; name: string; via: string }>(input: T): T {
  return {
    ...input,
    address: input.address.slice(0, 64),
    addressAsGiven: input.addressAsGiven.slice(0, 128),
    name: isAddress(input) ? '' : input.name.slice(0, 128),
    via: input.via.slice(0, 64),
  };
}

/** A phone without a name sends its number as one; as a name it would be shown to everybody. */
function isAddress({
  name,
  address,
  addressAsGiven,
}: {
  name: string;
  address: string;
  addressAsGiven: string;
}) {
  const bare = (text: string) => text.trim().replace(/^\+/, '');
  return [address, addressAsGiven].some((one) => bare(one) === bare(name));
}

export function toInteraction({ refPlugin, refId, ...row }: InteractionRow): Interaction {
  const { id, channel, direction, address, addressAsGiven, name, via, openedAt, closedAt, outcome } = row;
  return {
    id,
    channel,
    direction,
    address,
    addressAsGiven,
    name,
    via,
    ref: { plugin: refPlugin, id: refId },
    openedAt,
    closedAt,
    outcome,
  };
}

function toContact(interaction: InteractionRow, row: ParticipantRow, full: boolean): WorkbenchContact {
  const { id, channel, direction, address, name, via, ref } = toInteraction(interaction);
  return {
    id,
    channel,
    direction,
    state: row.state,
    address: full ? address : null,
    displayAddress: full ? address : maskNumber(address),
    name,
    via,
    since: row.since,
    ref,
    data: row.data,
  };
}
