import type { JsonSchema } from './shapes.ts';

/** What is shown for one setting. `json` takes whatever no other can show. */
export type FieldKind =
  | 'prompts'
  | 'destination'
  | 'queue'
  | 'key'
  | 'text'
  | 'line'
  | 'number'
  | 'switch'
  | 'choice'
  | 'table'
  | 'json';

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Longer texts are written on several lines. */
const LONG_TEXT = 200;

/** The fields of a form for settings of this schema, in the order the plugin's author wrote them. */
export function fieldsOf(schema: JsonSchema): Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    kind: kindOf(property),
    schema: property,
    required: (schema.required ?? []).includes(name),
  }));
}

export function kindOf(schema: JsonSchema): FieldKind {
  if (schema.widget) return schema.widget;
  if (schema.enum) return 'choice';
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'switch';
    case 'string':
      return (schema.maxLength ?? 0) > LONG_TEXT ? 'text' : 'line';
    case 'array':
      return isFlat(schema.items) ? 'table' : 'json';
    default:
      return 'json';
  }
}

/** Rows of a table: objects whose fields each fit into a cell. */
function isFlat(items: JsonSchema | undefined): boolean {
  const cells: readonly FieldKind[] = ['key', 'line', 'number', 'switch', 'choice'];
  return items?.type === 'object' && fieldsOf(items).every(({ kind }) => cells.includes(kind));
}

/** What a new node begins with: the defaults, and an empty value where one has to be given. */
export function initialConfig(schema: JsonSchema): Record<string, unknown> {
  return Object.fromEntries(
    fieldsOf(schema).flatMap(({ name, schema: property, required }) => {
      if (property.default !== undefined) return [[name, structuredClone(property.default)]];
      return required ? [[name, emptyValue(property)]] : [];
    }),
  );
}

export function emptyValue(schema: JsonSchema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case 'array':
      return schema.widget === 'prompts' ? [{ kind: 'text', text: '' }] : [];
    case 'object':
      return initialConfig(schema);
    case 'integer':
    case 'number':
      return schema.minimum ?? 0;
    case 'boolean':
      return false;
    default:
      return '';
  }
}
