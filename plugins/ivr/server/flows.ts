import { isDeepStrictEqual } from 'node:util';
import {
  JackfieldError,
  type Locale,
  type Page,
  type PageRequest,
  type PluginContext,
} from '@jackfield/core/sdk';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { Flow } from '../contract.ts';
import { FlowEntity, type FlowRow, FlowVersionEntity, type FlowVersionRow } from './flow.entity.ts';
import { type FlowStatus, flowStatus, flowsLedTo } from './flow-status.ts';
import { settingWords } from './interpreter/setting-words.ts';
import type { NodeTypes } from './interpreter/step.ts';
import { type FlowProblem, isPublishable, validateFlow } from './interpreter/validate.ts';

/** Flows of a tenant that are looked at together; a tenant has tens of them. */
const MOST_FLOWS = 1_000;

export interface FlowLinks {
  /** Access numbers that lead to the flow, by their alias where they have one. */
  readonly numbers: readonly string[];
  /** Names of other published flows that lead to it. */
  readonly flows: readonly string[];
}
export interface FlowView extends FlowLinks {
  readonly row: FlowRow;
  readonly status: FlowStatus;
}
export interface SavedDraft {
  readonly name: string;
  readonly definition: Flow;
  /** The revision the author began with: CONFLICT if somebody has saved since. */
  readonly revision: number;
}

/**
 * The flows of the tenant of the scope. A published version is never edited: what is saved is a draft beside it,
 * unpublished by itself, and publishing makes the next version of it. So only what is unpublished is edited,
 * published or deleted, and calls stay on the version they began with.
 */
export interface Flows {
  page(
    request: PageRequest,
    filter: { status?: 'unpublished' | 'published' | undefined },
  ): Promise<Page<FlowView>>;
  get(id: string): Promise<FlowView>;
  create(name: string, definition: Flow, userId: string | null): Promise<FlowView>;
  save(id: string, draft: SavedDraft, userId: string | null): Promise<FlowView>;
  /** VALIDATION_FAILED with `details.problems`; CONFLICT when the draft is what is published already. */
  publish(id: string, revision: number, userId: string | null): Promise<FlowView>;
  /** Both or neither. */
  saveAndPublish(id: string, draft: SavedDraft, userId: string | null): Promise<FlowView>;
  /** The same of an earlier version: takes the place of the present one, and the draft stays. */
  republish(id: string, version: number, userId: string | null): Promise<FlowView>;
  /** CONFLICT while something leads to the flow. */
  withdraw(id: string): Promise<FlowView>;
  /** CONFLICT unless unpublished. */
  remove(id: string): Promise<void>;
  versions(id: string): Promise<FlowVersionRow[]>;
  version(id: string, version: number): Promise<FlowVersionRow | null>;
  /** In the language given; English unless. */
  problems(definition: Flow, locale?: Locale): Promise<FlowProblem[]>;
  /** Those that calls may be sent to. */
  published(): Promise<FlowRow[]>;
}

export function createFlows(
  ctx: PluginContext,
  deps: {
    readonly telephony: Pick<TelephonyApi, 'destinationOptions' | 'numbersLeadingTo'>;
    /** Node types of the plugins that are active in the scope. */
    types(): NodeTypes;
  },
): Flows {
  const flows = ctx.repo(FlowEntity);
  const versions = ctx.repo(FlowVersionEntity);

  const published = () =>
    flows.find({ publishedVersion: { isNull: false } }, { orderBy: { name: 'asc' }, limit: MOST_FLOWS });

  /** By flow id. */
  async function links(): Promise<(flowId: string) => FlowLinks> {
    const numbers = await deps.telephony.numbersLeadingTo('ivr');
    const rows = await published();
    const definitions = await currentVersions(rows);
    const types = deps.types();
    const ledTo = rows.map(({ id, name }) => ({
      id,
      name,
      to: flowsLedTo(definitions.get(id)?.nodes ?? [], types),
    }));
    return (flowId) => ({
      numbers: numbers.filter(({ target }) => target.flowId === flowId).map((one) => one.alias || one.number),
      flows: ledTo.filter(({ id, to }) => id !== flowId && to.has(flowId)).map(({ name }) => name),
    });
  }

  async function currentVersions(rows: readonly FlowRow[]): Promise<Map<string, Flow>> {
    const current = new Map<string, Flow>();
    for (const { id, publishedVersion } of rows) {
      if (publishedVersion === null) continue;
      const version = await versions.findOne({ flowId: id, version: publishedVersion });
      if (version) current.set(id, version.definition);
    }
    return current;
  }

  async function view(row: FlowRow): Promise<FlowView> {
    return toView(row, (await links())(row.id));
  }

  async function problems(definition: Flow, locale: Locale = 'en'): Promise<FlowProblem[]> {
    return validateFlow(definition, deps.types(), {
      offered: await deps.telephony.destinationOptions(),
      words: settingWords[locale],
    });
  }

  async function mustBePublishable(definition: Flow): Promise<void> {
    const found = await problems(definition);
    if (isPublishable(found)) return;
    throw new JackfieldError('VALIDATION_FAILED', 'The flow has faults and cannot be published.', {
      details: { problems: found },
    });
  }

  /** Writes if nobody has saved since `revision`. */
  async function change(row: FlowRow, patch: Partial<Omit<FlowRow, 'id'>>): Promise<FlowRow> {
    const written = await flows.updateWhere(
      { id: row.id, revision: row.revision },
      { ...patch, revision: row.revision + 1 },
    );
    if (written === 0) throw stale();
    return await flows.get(row.id);
  }

  const audit = (action: string, row: FlowRow, before?: unknown, after?: unknown) =>
    ctx.audit.record({
      action: `flow.${action}`,
      target: { type: 'flow', id: row.id, label: row.name },
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });

  return {
    problems,
    published,
    async page(request, { status }) {
      const page = await flows.page(request, {
        where: status ? { publishedVersion: { isNull: status === 'unpublished' } } : {},
        sortable: ['name', 'savedAt', 'createdAt'],
        searchable: ['name', 'id'],
        defaultSort: '-savedAt',
      });
      const of = await links();
      return { ...page, items: page.items.map((row) => toView(row, of(row.id))) };
    },
    get: async (id) => view(await flows.get(id)),
    async create(name, definition, userId) {
      return await ctx.tx(async () => {
        await nameIsFree(name);
        const row = await flows.insert({
          name,
          draft: definition,
          savedBy: userId,
          savedAt: ctx.clock.now(),
        });
        await audit('create', row, undefined, { name, nodes: definition.nodes.length });
        return toView(row, { numbers: [], flows: [] });
      });
    },
    save: async (id, draft, userId) => view(await ctx.tx(() => save(id, draft, userId))),
    async publish(id, revision, userId) {
      const row = await flows.get(id);
      if (row.revision !== revision) throw stale();
      await mustBePublishable(row.draft);
      return view(await ctx.tx(() => publish(row, userId)));
    },
    async saveAndPublish(id, draft, userId) {
      await mustBePublishable(draft.definition);
      return view(await ctx.tx(async () => publish(await save(id, draft, userId), userId)));
    },
    async republish(id, version, userId) {
      const row = await flows.get(id);
      const earlier = await versions.findOne({ flowId: id, version });
      if (!earlier) throw new JackfieldError('NOT_FOUND', 'The flow has no such version.');
      if (row.publishedVersion === version) {
        throw new JackfieldError('CONFLICT', 'This version is the published one.');
      }
      // Queues and plugins may have gone since it was published.
      await mustBePublishable(earlier.definition);
      const after = await ctx.tx(async () => {
        const written = await change(row, {
          publishedVersion: version,
          changed: row.name !== earlier.name || !isDeepStrictEqual(row.draft, earlier.definition),
          savedBy: userId,
        });
        await audit('republish', written, { version: row.publishedVersion }, { version });
        return written;
      });
      return view(after);
    },
    async withdraw(id) {
      const { row, status, numbers, flows: leading } = await view(await flows.get(id));
      if (status === 'unpublished') throw new JackfieldError('CONFLICT', 'The flow is not published.');
      if (status === 'in-use') {
        throw new JackfieldError('CONFLICT', `In use by ${[...numbers, ...leading].join(', ')}.`, {
          details: { numbers, flows: leading },
        });
      }
      const after = await ctx.tx(async () => {
        const written = await change(row, { publishedVersion: null, changed: true });
        await audit('withdraw', written, { version: row.publishedVersion }, { version: null });
        return written;
      });
      return toView(after, { numbers: [], flows: [] });
    },
    async remove(id) {
      await ctx.tx(async () => {
        const row = await flows.get(id);
        const removed = await flows.deleteWhere({ id, publishedVersion: { isNull: true } });
        if (removed === 0) throw new JackfieldError('CONFLICT', 'A published flow must be withdrawn first.');
        await audit('delete', row, { name: row.name, draft: row.draft });
      });
    },
    async versions(id) {
      await flows.get(id);
      return await versions.find({ flowId: id }, { orderBy: { version: 'desc' }, limit: 200 });
    },
    version: (id, version) => versions.findOne({ flowId: id, version }),
  };

  /** What follows runs in a transaction. */
  async function save(id: string, draft: SavedDraft, userId: string | null): Promise<FlowRow> {
    const { name, definition, revision } = draft;
    const row = await flows.get(id);
    if (row.revision !== revision) throw stale();
    if (name !== row.name) await nameIsFree(name);
    const live = await liveVersion(row);
    const after = await change(row, {
      name,
      draft: definition,
      changed: live?.name !== name || !isDeepStrictEqual(definition, live.definition),
      savedBy: userId,
      savedAt: ctx.clock.now(),
    });
    await audit('update', after, { name: row.name, draft: row.draft }, { name, draft: definition });
    return after;
  }

  async function publish(row: FlowRow, userId: string | null): Promise<FlowRow> {
    if (row.publishedVersion !== null && !row.changed) {
      throw new JackfieldError('CONFLICT', 'This draft is published already.');
    }
    const version = row.lastVersion + 1;
    const written = await change(row, { publishedVersion: version, lastVersion: version, changed: false });
    await versions.insert({
      flowId: row.id,
      version,
      name: row.name,
      definition: row.draft,
      publishedAt: ctx.clock.now(),
      publishedBy: userId,
    });
    await audit('publish', written, { version: row.publishedVersion }, { version });
    return written;
  }

  async function liveVersion(row: FlowRow): Promise<FlowVersionRow | null> {
    if (row.publishedVersion === null) return null;
    return await versions.findOne({ flowId: row.id, version: row.publishedVersion });
  }

  /** The unique index decides; this gives the message. */
  async function nameIsFree(name: string): Promise<void> {
    if (await flows.findOne({ name })) {
      throw new JackfieldError('CONFLICT', `There is a flow "${name}" already.`, {
        details: { field: 'name' },
      });
    }
  }
}

function toView(row: FlowRow, links: FlowLinks): FlowView {
  return {
    ...links,
    row,
    status: flowStatus(row.publishedVersion, links.numbers.length + links.flows.length),
  };
}

function stale(): JackfieldError {
  return new JackfieldError('CONFLICT', 'Somebody else has saved this flow meanwhile. Load it again.', {
    details: { reason: 'revision' },
  });
}
