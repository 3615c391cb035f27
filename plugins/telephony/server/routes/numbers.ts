import { JackfieldError, maskNumber, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import type { DestinationRef } from '../../contract.ts';
import { DestinationRefSchema } from '../calls/call-flow.ts';
import type { Destinations } from '../calls/destinations.ts';
import { NumberEntity, type NumberRow } from '../entities/number.entity.ts';
import { checkDialable, digitsOf } from '../numbers/normalise.ts';
import type { Numbers } from '../numbers/numbers.ts';

const LocalTextDto = z.object({ 'zh-CN': z.string(), en: z.string() });
const Target = z.record(z.string(), z.unknown());

const NumberDto = z.object({
  id: z.string(),
  number: z.string(),
  asGiven: z.string(),
  alias: z.string(),
  vip: z.boolean(),
  enabled: z.boolean(),
  destination: z.object({
    kind: z.string(),
    target: Target,
    /** Null when the plugin that offers it is off, or what it leads to is gone: calls then fail. */
    label: z.string().nullable(),
    title: LocalTextDto.nullable(),
  }),
  createdAt: z.number(),
});
const NumberInput = z.object({
  number: z.string().trim().min(2).max(40),
  alias: z.string().trim().max(64).default(''),
  vip: z.boolean().default(false),
  enabled: z.boolean().default(true),
  destination: DestinationRefSchema,
});
const OptionDto = z.object({ kind: z.string(), title: LocalTextDto, target: Target, label: z.string() });
const Id = z.object({ id: z.string().max(26) });

type Labels = Map<string, { label: string | null; title: { 'zh-CN': string; en: string } }>;

export function numberRoutes(
  ctx: PluginContext,
  { numbers, destinations }: { numbers: Numbers; destinations: Destinations },
): void {
  const rows = ctx.repo(NumberEntity);
  const permission = 'telephony:manage';

  /** By kind and target; the kind alone for a destination whose targets are typed. */
  async function labels(): Promise<Labels> {
    const found: Labels = new Map();
    for (const { destination } of destinations.active()) {
      const { kind, title } = destination;
      found.set(kind, { label: null, title });
      for (const option of await destination.options()) {
        found.set(keyOf(kind, option.target), { label: option.label, title });
      }
    }
    return found;
  }

  function dto(row: NumberRow, known: Labels): z.input<typeof NumberDto> {
    const { id, number, asGiven, alias, vip, enabled, destination, createdAt } = row;
    const exact = known.get(keyOf(destination.kind, destination.target));
    const typed = typeof destination.target.number === 'string' ? destination.target.number : null;
    const title = (exact ?? known.get(destination.kind))?.title ?? null;
    const label = exact?.label ?? (title && destination.kind === 'number' ? typed : null);
    return {
      id,
      number,
      asGiven,
      alias,
      vip,
      enabled,
      destination: { kind: destination.kind, target: { ...destination.target }, label, title },
      createdAt,
    };
  }

  /** Refuses what no call could follow: a kind nobody offers, a target that is gone. */
  async function checkDestination(ref: DestinationRef): Promise<DestinationRef> {
    const found = destinations.active().find(({ destination }) => destination.kind === ref.kind);
    if (!found) throw invalid('body.destination', ctx.i18n.t('error.destinationKind', { kind: ref.kind }));
    const target = found.destination.target.safeParse(ref.target);
    if (!target.success) throw invalid('body.destination', ctx.i18n.t('error.destinationTarget'));
    const clean = { kind: ref.kind, target: target.data as DestinationRef['target'] };
    if (ref.kind === 'number') checkDialable(String(clean.target.number), ctx.i18n.t);
    else {
      const options = await found.destination.options();
      if (!options.some((option) => keyOf(ref.kind, option.target) === keyOf(ref.kind, clean.target))) {
        throw invalid('body.destination', ctx.i18n.t('error.destinationTarget'));
      }
    }
    return clean;
  }

  function forms(input: string): Pick<NumberRow, 'number' | 'asGiven' | 'dialled'> {
    const typed = checkDialable(input, ctx.i18n.t);
    const digits = digitsOf(typed);
    if (digits.length < 2) throw invalid('body.number', ctx.i18n.t('error.number'));
    return { number: numbers.normalise(typed).slice(0, 32), asGiven: input, dialled: digits };
  }

  const taken = (error: unknown): never => {
    if (JackfieldError.is(error) && error.code === 'CONFLICT') {
      throw new JackfieldError('CONFLICT', ctx.i18n.t('error.numberTaken'), { cause: error });
    }
    throw error;
  };

  ctx.routes.get(
    '/numbers',
    { permission, summary: 'Access numbers', query: pageQuery, response: pageOf(NumberDto) },
    async ({ query }) => {
      const page = await rows.page(query, {
        sortable: ['number', 'alias', 'createdAt'],
        searchable: ['number', 'asGiven', 'alias'],
        defaultSort: 'number',
      });
      const known = await labels();
      return { ...page, items: page.items.map((row) => dto(row, known)) };
    },
  );

  ctx.routes.get(
    '/destinations',
    {
      permission,
      summary: 'Where a number may lead',
      response: z.object({
        kinds: z.array(z.object({ kind: z.string(), title: LocalTextDto })),
        options: z.array(OptionDto),
      }),
    },
    async () => {
      const active = destinations.active().filter(({ destination }) => destination.kind !== 'outbound');
      const options = await Promise.all(
        active.map(async ({ destination }) =>
          (await destination.options()).map(({ target, label }) => ({
            kind: destination.kind,
            title: destination.title,
            target: target as Record<string, unknown>,
            label,
          })),
        ),
      );
      return {
        kinds: active.map(({ destination: { kind, title } }) => ({ kind, title })),
        options: options.flat(),
      };
    },
  );

  ctx.routes.post(
    '/numbers',
    { permission, summary: 'Adds an access number', body: NumberInput, response: NumberDto, status: 201 },
    async ({ body }) => {
      const destination = await checkDestination(body.destination);
      const { alias, vip, enabled } = body;
      const row = await ctx
        .tx(async () => {
          const made = await rows.insert({ ...forms(body.number), alias, vip, enabled, destination });
          await audit('number.create', made, undefined, made);
          return made;
        })
        .catch(taken);
      return dto(row, await labels());
    },
  );

  ctx.routes.put(
    '/numbers/:id',
    { permission, summary: 'Changes an access number', params: Id, body: NumberInput, response: NumberDto },
    async ({ params, body }) => {
      const destination = await checkDestination(body.destination);
      const { alias, vip, enabled } = body;
      const row = await ctx
        .tx(async () => {
          const before = await rows.get(params.id);
          const after = await rows.update(params.id, {
            ...forms(body.number),
            alias,
            vip,
            enabled,
            destination,
          });
          await audit('number.update', after, before, after);
          return after;
        })
        .catch(taken);
      return dto(row, await labels());
    },
  );

  ctx.routes.delete(
    '/numbers/:id',
    { permission, summary: 'Removes an access number; calls to it are refused from then on', params: Id },
    async ({ params }) => {
      await ctx.tx(async () => {
        const before = await rows.get(params.id);
        await rows.delete(params.id);
        await audit('number.delete', before, before, undefined);
      });
    },
  );

  async function audit(action: string, row: NumberRow, before?: NumberRow, after?: NumberRow): Promise<void> {
    await ctx.audit.record({
      action,
      target: { type: 'number', id: row.id, label: row.alias || maskNumber(row.number) },
      before: before && audited(before),
      after: after && audited(after),
    });
  }
}

function audited({ number, alias, vip, enabled, destination }: NumberRow) {
  return { number: maskNumber(number), alias, vip, enabled, destination };
}

/** Targets are JSON objects of a few plain values: their order must not make two of one. */
function keyOf(kind: string, target: unknown): string {
  const entries = Object.entries(target as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${kind}:${JSON.stringify(entries)}`;
}

function invalid(path: string, message: string): JackfieldError {
  return new JackfieldError('VALIDATION_FAILED', message, { details: { errors: [{ path, message }] } });
}
