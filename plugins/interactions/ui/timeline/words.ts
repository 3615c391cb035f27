import type { Texts } from '@jackfield/admin-ui/sdk';
import type { ContactRecord, Entry } from '../types.ts';

/** What the words are made with: the sdk's, or a test's. */
export interface Language {
  textsOf(pluginId: string): Pick<Texts, 't' | 'has'>;
  /** A length of time as people read it. */
  duration(milliseconds: number): string;
}

export interface EntryWords {
  /** What happened. */
  readonly text: string;
  /** What the text does not say: the queue, the key that was pressed, why. */
  readonly details: readonly string[];
  /** Of interest to technicians only. */
  readonly minor: boolean;
}

/** Values that people can read as they are, in the order in which they are shown. */
const READABLE = ['queueName', 'name', 'label', 'digits', 'via', 'reason'];

/**
 * The words of a line come from the plugin its kind is named after (README.md): `timeline.<kind>`, or
 * `timelineMinor.<kind>` for what only technicians miss. A kind without a text is shown as it is.
 */
export function wordsOf({ kind, data }: Entry, language: Language): EntryWords {
  const texts = language.textsOf(ownerOf(kind));
  const key = [`timeline.${kind}`, `timelineMinor.${kind}`].find((one) => texts.has(one));
  const coded = Object.entries(data).flatMap(([name, value]): [string, string][] => {
    const word = typeof value === 'string' ? `timelineValue.${name}.${value}` : null;
    return word !== null && isWord(value) && texts.has(word) ? [[name, texts.t(word)]] : [];
  });
  const values = { ...shown(data, language), ...Object.fromEntries(coded) };
  const text = key ? texts.t(key, values) : kind;
  const readable = READABLE.flatMap((name) => {
    const value = data[name];
    return typeof value === 'string' && !coded.some(([known]) => known === name) ? [value] : [];
  });
  const details = [...readable, ...coded.map(([, word]) => word)].filter(
    (one) => one !== '' && !text.includes(one),
  );
  return { text, details: [...new Set(details)], minor: key?.startsWith('timelineMinor.') ?? false };
}

/** An outcome is a word of the plugin that runs the channel, or of the one it is named after. */
export function outcomeWords(
  { outcome, ref }: Pick<ContactRecord, 'outcome' | 'ref'>,
  { textsOf }: Pick<Language, 'textsOf'>,
): string | null {
  if (outcome === null) return null;
  for (const plugin of new Set([ref.plugin, ownerOf(outcome)])) {
    const texts = textsOf(plugin);
    if (isWord(outcome) && texts.has(`outcome.${outcome}`)) return texts.t(`outcome.${outcome}`);
  }
  return outcome;
}

const ownerOf = (kind: string) => kind.split('.', 1)[0] ?? kind;

/** A value from outside is no key: blanks and brackets mean something else there. */
const isWord = (value: unknown) => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value);

/** Values for the placeholders of a text: lengths of time as people read them. */
function shown(data: Entry['data'], { duration }: Language): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      name.endsWith('Ms') && typeof value === 'number' ? duration(value) : value,
    ]),
  );
}
