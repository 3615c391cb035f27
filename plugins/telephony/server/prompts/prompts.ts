import { createHash } from 'node:crypto';
import { JackfieldError, type Locale, type PluginContext } from '@jackfield/core/sdk';
import type { Prompt } from '../../contract.ts';
import { PromptEntity, type PromptRow } from '../entities/prompt.entity.ts';
import { digitWords, quantityWords } from './number-words.ts';
import { toneStream } from './tones.ts';
import { findAdapter, type TtsAdapter, tonesAdapter } from './tts.ts';
import { durationMs, writeWav } from './wav.ts';

/** A prompt is a sentence or two; more would block the voice for minutes. */
const MOST_CHARACTERS = 2_000;
/** As many as the language's most chatty flow; each rendering is a process. */
const AT_ONCE = 2;

export interface Prompts {
  /** In the tenant of the scope. */
  paths(prompts: readonly Prompt[]): Promise<string[]>;
  /** The words of a file of any tenant; null for one that is not ours. */
  byPath(path: string): Promise<Pick<PromptRow, 'text' | 'locale' | 'path'> | null>;
}

export function createPrompts(ctx: PluginContext, given?: TtsAdapter): Prompts {
  const rows = ctx.repo(PromptEntity);
  const rendering = new Map<string, Promise<string>>();
  const limit = limiter(AT_ONCE);
  let found: Promise<TtsAdapter> | null = null;

  async function speak(text: string, locale: Locale): Promise<string> {
    const words = text.trim().slice(0, MOST_CHARACTERS);
    if (words === '') return toneStream('silence', 200);
    found ??= given ? Promise.resolve(given) : findAdapter();
    const adapter = await found;
    const hash = createHash('sha256')
      .update(JSON.stringify([adapter.id, locale, words]))
      .digest('hex');
    const { id: tenantId } = await ctx.directory.tenant();
    const key = `${tenantId}/${hash}`;
    let path = rendering.get(key);
    if (!path) {
      path = limit(() => fileOf(adapter, hash, words, locale)).finally(() => rendering.delete(key));
      rendering.set(key, path);
    }
    return await path;
  }

  async function fileOf(adapter: TtsAdapter, hash: string, text: string, locale: Locale): Promise<string> {
    const file = `prompts/${hash}.wav`;
    const known = await rows.findOne({ hash });
    if (known) {
      try {
        return await ctx.storage.pathForSwitch(file);
      } catch (error) {
        // The file is gone, by hand or with a disk: it is made anew.
        if (!JackfieldError.is(error) || error.code !== 'NOT_FOUND') throw error;
      }
    }
    const sound = await render(adapter, text, locale);
    await ctx.storage.put(file, writeWav(sound), { contentType: 'audio/wav' });
    const path = await ctx.storage.pathForSwitch(file);
    const values = { adapter: adapter.id, locale, text, path, ms: durationMs(sound) };
    if (known) await rows.update(known.id, values);
    else await insertOnce({ hash, ...values });
    return path;
  }

  async function insertOnce(values: Parameters<typeof rows.insert>[0]): Promise<void> {
    try {
      await rows.insert(values);
    } catch (error) {
      // Another process rendered the same text at the same moment.
      if (!JackfieldError.is(error) || error.code !== 'CONFLICT') throw error;
    }
  }

  /** A caller must hear something: a voice that fails is replaced by tones. */
  async function render(adapter: TtsAdapter, text: string, locale: Locale) {
    try {
      return await adapter.render(text, locale);
    } catch (error) {
      ctx.log.error({ err: error, adapter: adapter.id }, 'a prompt could not be spoken');
      return await tonesAdapter.render(text, locale);
    }
  }

  async function path(prompt: Prompt): Promise<string> {
    switch (prompt.kind) {
      case 'tone':
        return toneStream(prompt.tone, prompt.ms);
      case 'text':
        return await speak(prompt.text, prompt.locale ?? (await tenantLocale()));
      case 'digits':
      case 'quantity': {
        const locale = prompt.locale ?? (await tenantLocale());
        const words = prompt.kind === 'digits' ? digitWords : quantityWords;
        return await speak(words(prompt.value, locale), locale);
      }
      case 'audio':
        throw new JackfieldError('NOT_FOUND', 'There is no such audio file.', {
          details: { audioId: prompt.audioId },
        });
    }
  }

  const tenantLocale = async (): Promise<Locale> => (await ctx.directory.tenant()).locale;

  return {
    paths: (prompts) => Promise.all(prompts.map(path)),
    async byPath(path) {
      const hash = /([0-9a-f]{64})\.wav$/.exec(path)?.[1];
      if (hash === undefined) return null;
      const candidates = await ctx.acrossTenants(() => rows.find({ hash }, { limit: 1_000 }));
      return candidates.find((row) => row.path === path) ?? null;
    },
  };
}

/** Runs at most `most` at once, the rest in order of their coming. */
function limiter(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
