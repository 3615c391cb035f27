import { locales, z } from 'zod';
import { JackfieldError } from '../errors/index.ts';
import type { Locale, LocalText } from '../i18n/contract.ts';

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

/** What a reader can act on; a pattern says nothing to who sets a value. */
const words = {
  'zh-CN': {
    form: '格式不正确。',
    ofForm: (description: string) => `格式不正确。${description}`,
    needed: (title: string) => `“${title}”需要此项。`,
  },
  en: {
    form: 'This is not in the form that is expected.',
    ofForm: (description: string) => `This is not in the form that is expected. ${description}`,
    needed: (title: string) => `“${title}” needs this.`,
  },
} as const;

const messages = { 'zh-CN': locales.zhCN().localeError, en: locales.en().localeError };

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
  const result = check.safeParse(value, { error: messages[locale] });
  if (result.success) return;
  throw new JackfieldError('VALIDATION_FAILED', undefined, {
    details: {
      errors: result.error.issues.map((issue) => ({
        path: [definition.key, ...issue.path.map(String)].join('.'),
        message:
          issue.code === 'invalid_format' ? formOf(definition.description?.[locale], locale) : issue.message,
      })),
    },
  });
}

function formOf(description: string | undefined, locale: Locale): string {
  return description === undefined ? words[locale].form : words[locale].ofForm(description);
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
          .map((path) => ({ path, message: words[locale].needed(title[locale]) })),
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
