/**
 * How FreeSWITCH 1.11 takes its command texts apart, ported line by line from switch_utils.c, switch_event.c and
 * mod_commands.c. The counterpart of `escape.ts` and `dial-string.ts`: the tests prove the escaping with it, and an
 * emulator that uses it understands the commands as the real one does.
 */

/** switch_separate_string(text, delimiter, …, limit): at most `limit` parts, the last one takes the rest. */
export function separateString(text: string, delimiter: string, limit = 1024): string[] {
  if (text.startsWith('^^') && text.length > 3)
    return separateString(text.slice(3), text[2] as string, limit);
  const parts: string[] = [];
  let quoted = false;
  let from = 0;
  let at = 0;
  const blank = delimiter === ' ';
  while (at < text.length && parts.length < limit - 1) {
    if (blank && at === from) while (text[at] === ' ') at++;
    const char = text[at];
    if (char === '\\') at++;
    else if (char === "'" && (blank || quoted || text.includes("'", at + 1))) quoted = !quoted;
    else if (char === delimiter && !quoted) {
      parts.push(text.slice(from, at));
      if (blank) while (text[at + 1] === ' ') at++;
      from = at + 1;
    }
    at++;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts.map((part) => cleanUp(part, blank ? '' : delimiter));
}

/** cleanup_separated_string(): strips quotes, escapes and the blanks around. */
function cleanUp(part: string, delimiter: string): string {
  const named: Record<string, string> = { n: '\n', r: '\r', t: '\t', s: ' ' };
  let at = 0;
  while (part[at] === ' ') at++;
  let out = '';
  let end = 0;
  let quoted = false;
  for (; at < part.length; at++) {
    const char = part[at] as string;
    const next = part[at + 1] ?? '';
    if (char === '\\' && next !== '') {
      const plain = next === "'" || next === '"' || next === '\\' || (delimiter !== '' && next === delimiter);
      const escaped = plain ? next : named[next];
      if (escaped !== undefined) {
        out += escaped;
        end = out.length;
        at++;
        continue;
      }
    }
    if (char === "'" && (quoted || part.includes("'", at + 1))) {
      quoted = !quoted;
      if (quoted) end = out.length;
    } else {
      out += char;
      if (char !== ' ' || quoted) end = out.length;
    }
  }
  return out.slice(0, end);
}

/** switch_find_end_paren(): index of the bracket that closes the first one; escapes and quotes do not count. */
function findEnd(text: string, open: string, close: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return at;
  }
  return -1;
}

export interface OriginateCommand {
  readonly variables: Readonly<Record<string, string>>;
  /** What follows the `{}`: one or more endpoints. */
  readonly endpoint: string;
  /** `&park()` or an extension. */
  readonly application: string;
}

/** The argument of `originate` as FreeSWITCH reads it; null where it refuses (`-USAGE` or a parse error). */
export function parseOriginate(argument: string): OriginateCommand | null {
  const [aLeg, application] = separateString(argument, ' ', 10);
  if (aLeg === undefined || application === undefined || aLeg.includes(':_:')) return null;
  const dialString = aLeg.trimStart();
  if (!dialString.startsWith('{')) return { variables: {}, endpoint: dialString, application };
  const end = findEnd(dialString, '{', '}');
  if (end < 0) return null;
  const variables: Record<string, string> = {};
  let inside = dialString.slice(1, end);
  let delimiter = ',';
  if (inside.startsWith('^^')) {
    delimiter = inside[2] ?? ',';
    inside = inside.slice(3);
  }
  for (const part of separateString(inside, delimiter)) {
    const [name, value] = separateString(part, '=', 2);
    if (name !== undefined && value !== undefined) variables[name] = value;
  }
  const mayExpand = /origination_nested_vars=true/i.test(dialString);
  for (const [name, value] of Object.entries(variables)) {
    if (!mayExpand && /\$\\*\{/.test(value)) delete variables[name]; // "Invalid data (… contains a variable)"
    if (value === '') delete variables[name];
  }
  return { variables, endpoint: dialString.slice(end + 1).trimStart(), application };
}
