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
}
export interface CompiledSetting {
  readonly definition: SettingDefinition;
  readonly check: z.ZodType;
}

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
        message: issue.message,
      })),
    },
  });
}
