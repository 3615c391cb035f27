import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { JackfieldError, type PluginContext, z } from '@jackfield/core/sdk';
import { NumberEntity } from '../entities/number.entity.ts';
import type { Prompts } from '../prompts/prompts.ts';

const Path = z.object({ path: z.string().min(1).max(600) });

/** What the customer's phone of the emulator shows and plays. On a real switch these answer 404. */
export function promptRoutes(ctx: PluginContext, prompts: Prompts): void {
  const isEmulated = () =>
    ctx.calls.nodes().some(({ state }) => state.state === 'connected' && state.emulator);

  async function find(path: string) {
    const found = isEmulated() ? await prompts.byPath(path) : null;
    if (!found) throw new JackfieldError('NOT_FOUND');
    return found;
  }

  ctx.routes.get(
    '/prompts/numbers',
    {
      public: true,
      summary: 'Numbers that can be dialled on the virtual phone; with the emulator only',
      response: z.object({ items: z.array(z.object({ number: z.string(), alias: z.string() })) }),
      rateLimit: 300,
    },
    async () => {
      if (!isEmulated()) throw new JackfieldError('NOT_FOUND');
      const rows = await ctx.acrossTenants(() =>
        ctx.repo(NumberEntity).find({ enabled: true }, { orderBy: { id: 'asc' }, limit: 3 }),
      );
      return { items: rows.map(({ asGiven, alias }) => ({ number: asGiven, alias })) };
    },
  );

  ctx.routes.get(
    '/prompts/text',
    {
      public: true,
      summary: 'What is said in a prompt; with the emulator only',
      query: Path,
      response: z.object({ text: z.string(), locale: z.string() }),
      rateLimit: 300,
    },
    async ({ query }) => {
      const { text, locale } = await find(query.path);
      return { text, locale };
    },
  );

  ctx.routes.get(
    '/prompts/audio',
    { public: true, summary: 'The sound of a prompt; with the emulator only', query: Path, rateLimit: 300 },
    async ({ query }) => {
      // The path is one we wrote down when we made the file; a path that was asked for is only compared with it.
      const { path } = await find(query.path);
      const { size } = await stat(path).catch((cause: unknown) => {
        throw new JackfieldError('NOT_FOUND', undefined, { cause });
      });
      const open = (range?: { start: number; end: number }) => createReadStream(path, range ?? {});
      return { file: { type: 'audio/wav', size, inline: true, open } };
    },
  );
}
