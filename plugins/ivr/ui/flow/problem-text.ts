import type { Texts } from '@jackfield/admin-ui/sdk';
import type { JsonSchema, Problem } from './shapes.ts';

/** A problem as a sentence. A setting is called what its field is called: `options.0.name` is `Options 1 Name`. */
export function problemText(
  { code, detail, path }: Problem,
  { t, has, local }: Pick<Texts, 't' | 'has' | 'local'>,
  schema?: JsonSchema,
): string {
  const exit = `exits.${detail}`;
  const named = (code.startsWith('exit-') || code === 'target-unknown') && has(exit) ? t(exit) : detail;
  return t(`problems.codes.${code}`, { detail: named, path: settingName(path ?? '', schema ?? {}, local) });
}

export function settingName(path: string, schema: JsonSchema, local: Texts['local']): string {
  let at: JsonSchema | undefined = schema;
  const names: string[] = [];
  for (const part of path.split('.')) {
    const isIndex: boolean = /^\d+$/.test(part);
    at = isIndex ? at?.items : at?.properties?.[part];
    // Inside of a prompt there are no names: its field shows which part is meant.
    if (names.length > 0 && !isIndex && !at?.label) break;
    names.push(isIndex ? String(Number(part) + 1) : local(at?.label, part));
  }
  return names.join(' ');
}
