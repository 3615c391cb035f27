import { z } from 'zod';
import { JackfieldError } from '../errors/index.ts';
import type { Locale, LocalText } from '../i18n/contract.ts';
import { valueWords } from '../i18n/value-words.ts';

/** An entry of `contributes.settings` in plugin.json. */
export interface SettingDefinition {
  readonly key: string;
  readonly title: LocalText;
  readonly description?: LocalText | undefined;
  /** JSON Schema of the value (draft 2020-12, without `$ref`s to elsewhere). */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly default?: unknown;
  /** `system`: the operator alone sets it. `tenant`: each tenant may, and the operator for all. */
  readonly level: 'system' | 'tenant';
  readonly secret?: boolean | undefined;
  /** Keys of settings that must have a value wherever this one is on or not empty. */
  readonly needs?: readonly string[] | undefined;
}
export interface CompiledSetting {
  readonly definition: SettingDefinition;
  readonly check: z.ZodType;
}

const neededBy = {
  'zh-CN': (title: string) => `“${title}”需要此项。`,
  en: (title: string) => `“${title}” needs this.`,
} as const;

/** PLUGIN_INVALID when a schema cannot be read or the default does not fit it. */
export function compileSettings(
  pluginId: string,
  definitions: readonly SettingDefinition[],
): ReadonlyMap<string, CompiledSetting> {
  const compiled = new Map<string, CompiledSetting>();
  for (const definition of definitions) {
    const invalid = (reason: string, cause?: unknown) =>
      new JackfieldError('PLUGIN_INVALID', `Setting ${definition.key} of plugin ${pluginId}: ${reason}.`, {
        cause,
      });
    if (compiled.has(definition.key)) throw invalid('declared twice');
    let check: z.ZodType;
    try {
      check = z.fromJSONSchema(definition.schema);
    } catch (error) {
      throw invalid('its schema cannot be read', error);
    }
    if (
      definition.default !== undefined &&
      definition.default !== null &&
      !check.safeParse(definition.default).success
    ) {
      throw invalid('its default does not fit its schema');
    }
    compiled.set(definition.key, { definition, check });
  }
  for (const { key, needs = [] } of definitions) {
    const unknown = needs.find((one) => !compiled.has(one));
    if (unknown !== undefined)
      throw new JackfieldError(
        'PLUGIN_INVALID',
        `Setting ${key} of plugin ${pluginId} needs ${unknown}, which is none.`,
      );
  }
  return compiled;
}

/** VALIDATION_FAILED with the key as the path. */
export function checkSetting({ definition, check }: CompiledSetting, value: unknown, locale: Locale): void {
  const result = check.safeParse(value, { error: valueWords(locale) });
  if (result.success) return;
  throw new JackfieldError('VALIDATION_FAILED', undefined, {
    details: {
      errors: result.error.issues.map((issue) => ({
        path: [definition.key, ...issue.path.map(String)].join('.'),
        // That a pattern was broken says little; what the value has to be stands in the description.
        message:
          issue.code === 'invalid_format'
            ? [issue.message, definition.description?.[locale] ?? ''].join(locale === 'en' ? ' ' : '').trim()
            : issue.message,
      })),
    },
  });
}

/**
 * VALIDATION_FAILED at each setting that another one needs and that would be empty. Only rules that a changed key takes
 * part in are asked. `after`: what will hold of a key then.
 */
export function checkNeeds(
  settings: Iterable<CompiledSetting>,
  changed: ReadonlySet<string>,
  after: (key: string) => unknown,
  locale: Locale,
): void {
  const errors = [...settings].flatMap(({ definition: { key, title, needs = [] } }) =>
    isEmpty(after(key))
      ? []
      : needs
          .filter((one) => (changed.has(key) || changed.has(one)) && isEmpty(after(one)))
          .map((path) => ({ path, message: neededBy[locale](title[locale]) })),
  );
  if (errors.length > 0) throw new JackfieldError('VALIDATION_FAILED', undefined, { details: { errors } });
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === false ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}
