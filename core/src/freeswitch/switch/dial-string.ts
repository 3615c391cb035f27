import { JackfieldError } from '../../errors/index.ts';
import { checkVariableName, escapeElement, protectPercent } from './escape.ts';

/**
 * `{name=value,…}` in front of an endpoint of `originate`, for values of any text.
 *
 * FreeSWITCH takes the text apart three times (at blanks, at commas, at the equals sign), strips quotes and
 * backslashes each time, and in between looks for the closing brace and for `:_:` without regard to either. So each
 * value is escaped three times, from the inside out; braces that do not match are matched by elements without an
 * equals sign, which FreeSWITCH skips; and `:_:` is broken by an empty pair of quotes. `${…}` in a value would make
 * FreeSWITCH drop the variable: `origination_nested_vars=true` makes it store the text as it is.
 *
 * NUL is left out, lone surrogates become U+FFFD on the wire. An empty value leaves the variable unset.
 * @throws JackfieldError BAD_REQUEST for a name that is none
 */
export function dialVariables(variables: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = { ...variables };
  if (Object.values(variables).some((value) => value.includes('$'))) all.origination_nested_vars = 'true';
  const parts = Object.entries(all)
    .filter(([, value]) => value.replaceAll('\0', '') !== '')
    .map(([name, value]) => `${checkVariableName(name)}=${escapeValue(protectPercent(name, value))}`);
  if (parts.length === 0) return '';
  const text = parts.join(',');
  const { before, after } = missingBraces(text);
  return `{${before > 0 ? `${'{'.repeat(before)},` : ''}${text}${after > 0 ? `,${'}'.repeat(after)}` : ''}}`;
}

function escapeValue(value: string): string {
  const atEquals = escapeElement(value, '=').replaceAll(':_', ":''_");
  const atCommas = escapeElement(atEquals, ',');
  // the outermost pass splits at blanks: quotes keep them together
  const atBlanks = atCommas.replace(/[\\']/g, '\\$&');
  return atBlanks.includes(' ') ? `'${atBlanks}'` : atBlanks;
}

function missingBraces(text: string): { before: number; after: number } {
  let depth = 0;
  let lowest = 0;
  for (const char of text) {
    if (char === '{') depth++;
    else if (char === '}') lowest = Math.min(lowest, --depth);
  }
  return { before: -lowest, after: depth - lowest };
}

/**
 * An endpoint without variables, as it may stand in `originate`: no blanks, quotes, braces, lists or expansions.
 * @throws JackfieldError BAD_REQUEST
 */
export function checkEndpoint(endpoint: string): string {
  if (/^[\w.+\-:;=@%/!~*#&?]{1,500}$/.test(endpoint) && !endpoint.includes(':_:')) return endpoint;
  throw new JackfieldError('BAD_REQUEST', 'This is not an endpoint that can be dialled.');
}

/** A name for a caller-id header: no control characters, and nothing that ends the quoted string in a SIP header. */
export function callerIdName(name: string): string {
  return name
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/["\\<>]/g, '')
    .trim();
}
