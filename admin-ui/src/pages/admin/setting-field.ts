import type { LocalText } from '../../../sdk/types.ts';

/** `GET /api/core/settings/:plugin`. `schema` is the JSON Schema of the value. */
export interface SettingItem {
  readonly key: string;
  readonly title: LocalText;
  readonly description?: LocalText;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly level: 'system' | 'tenant';
  readonly secret: boolean;
  readonly value: unknown;
  readonly default: unknown;
  readonly isSet: boolean;
  readonly editable: boolean;
}
export type FieldKind = 'switch' | 'choice' | 'number' | 'list' | 'secret' | 'text' | 'json';

/** The form field for a value of this schema; what no field fits is edited as JSON. */
export function fieldKind({ schema, secret }: Pick<SettingItem, 'schema' | 'secret'>): FieldKind {
  if (secret) return 'secret';
  if (Array.isArray(schema.enum)) return 'choice';
  if (schema.type === 'boolean') return 'switch';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'string') return 'text';
  const items = schema.items;
  const ofTexts = typeof items === 'object' && items !== null && 'type' in items && items.type === 'string';
  return schema.type === 'array' && ofTexts ? 'list' : 'json';
}

/** What a field shows of a value. */
export function toField(setting: SettingItem): unknown {
  const kind = fieldKind(setting);
  if (kind === 'secret') return '';
  if (kind === 'json') return JSON.stringify(setting.value ?? null, null, 2);
  if (kind === 'list') return Array.isArray(setting.value) ? [...setting.value] : [];
  return setting.value ?? undefined;
}

/** The value of a field; throws SyntaxError for JSON that is none. */
export function fromField(setting: SettingItem, field: unknown): unknown {
  return fieldKind(setting) === 'json' ? JSON.parse(String(field)) : field;
}

/** The settings whose fields were changed; an empty secret keeps what is stored. */
export function changedSettings(
  settings: readonly SettingItem[],
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  return Object.fromEntries(
    settings
      .filter((one) => one.editable && !same(fields[one.key], toField(one)))
      .map((one) => [one.key, fromField(one, fields[one.key])]),
  );
}
