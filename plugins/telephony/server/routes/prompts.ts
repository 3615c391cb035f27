import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { JackfieldError, type PluginContext, z } from '@jackfield/core/sdk';
import type { Prompts } from '../prompts/prompts.ts';

const Path = z.object({ path: z.string().min(1).max(600) });

/** What the customer's phone of the emulator shows and plays. On a real switch these answer 404. */
export function promptRoutes(ctx: PluginContext, prompts: Prompts): void {
  async function find(path: string) {
    const isEmulated = ctx.calls.nodes().some(({ state }) => state.state === 'connected' && state.emulator);
    const found = isEmulated ? await prompts.byPath(path) : null;
    if (!found) throw new JackfieldError('NOT_FOUND');
    return found;
  }

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
