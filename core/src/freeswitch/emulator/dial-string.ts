/**
 * Dial strings: `{all=1}[leg=1]user/1001@d,[leg=2]user/1002@d|sofia/gateway/g/1390:_:user/1003`.
 * The quoting follows what was measured (README of the traces, section 09), oddities included.
 */
import { separateString } from '../switch/separate-string.ts';

export interface DialLeg {
  readonly endpoint: string;
  readonly variables: ReadonlyMap<string, string>;
}

/** One after the other; the legs of one alternative ring together. */
export type DialGroup = readonly (readonly DialLeg[])[];

export interface DialPlan {
  readonly variables: ReadonlyMap<string, string>;
  /** Groups of `:_:` are independent of each other and ring at the same time. */
  readonly groups: readonly DialGroup[];
}

/** @returns null when a bracket is not closed: FreeSWITCH fails then with DESTINATION_OUT_OF_ORDER. */
export function parseDialString(text: string): DialPlan | null {
  const global = takeVariables(text.trim(), '<', '>');
  if (!global) return null;
  const variables = global.variables;
  const groups: DialGroup[] = [];
  for (const part of global.rest.split(':_:')) {
    const all = takeVariables(part.trim(), '{', '}');
    if (!all) return null;
    const shared = all.variables;
    const alternatives: DialLeg[][] = [];
    for (const alternative of splitOutside(all.rest, '|')) {
      const legs: DialLeg[] = [];
      for (const item of splitOutside(alternative, ',')) {
        const own = takeVariables(item.trim(), '[', ']');
        if (!own) return null;
        if (own.rest !== '') {
          legs.push({ endpoint: own.rest, variables: new Map([...shared, ...own.variables]) });
        }
      }
      if (legs.length > 0) alternatives.push(legs);
    }
    if (alternatives.length > 0) groups.push(alternatives);
  }
  return { variables, groups };
}

function takeVariables(
  text: string,
  open: string,
  close: string,
): { variables: Map<string, string>; rest: string } | null {
  const variables = new Map<string, string>();
  let rest = text;
  while (rest.startsWith(open)) {
    let depth = 0;
    let end = -1;
    for (let i = 0; i < rest.length; i++) {
      if (rest[i] === open) depth++;
      else if (rest[i] === close && --depth === 0) {
        end = i;
        break;
      }
    }
    if (end < 0) return null;
    for (const [name, value] of parseVariables(rest.slice(1, end))) variables.set(name, value);
    rest = rest.slice(end + 1).trimStart();
  }
  return { variables, rest };
}

/**
 * `a=1,b=two words`, or with a separator of its own: `^^;a=1,2;b=3`. Taken apart twice, as FreeSWITCH does it, each
 * time with quotes and backslashes; a value with `${` is dropped unless `origination_nested_vars` is set.
 */
export function parseVariables(text: string): [string, string][] {
  const own = text.startsWith('^^') && text.length > 2;
  const parts = separateString(own ? text.slice(3) : text, own ? text.charAt(2) : ',');
  const found: [string, string][] = [];
  for (const part of parts) {
    const [name, value] = separateString(part, '=', 2);
    if (name !== undefined && name !== '' && value !== undefined) found.push([name, value]);
  }
  const nested = found.some(([name, value]) => name === 'origination_nested_vars' && value === 'true');
  return nested ? found : found.filter(([, value]) => !/\$\\*\{/.test(value));
}

/** Splits at a separator that is not inside of brackets. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  for (const c of text) {
    if (c === '[' || c === '{') depth++;
    else if (c === ']' || c === '}') depth--;
    if (c === separator && depth <= 0) {
      parts.push(part);
      part = '';
    } else {
      part += c;
    }
  }
  parts.push(part);
  return parts.filter((item) => item.trim() !== '');
}

/** The words of an api command, with FreeSWITCH's quotes and escapes. */
export function splitWords(text: string, limit?: number): string[] {
  return separateString(text, ' ', limit);
}
