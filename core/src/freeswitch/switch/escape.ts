/**
 * Escaping for the texts FreeSWITCH takes apart. Each function undoes exactly one of its passes, read from the
 * source of 1.11; where a text goes through several, the functions are applied from the innermost outwards.
 * `separate-string.ts` is the counterpart, ported from C, against which the tests prove this.
 */
import { JackfieldError } from '../../errors/index.ts';

/** What unescape_char() in switch_utils.c turns back. NUL cannot be expressed in a C string and is left out. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  ' ': '\\s',
  '\0': '',
};

/**
 * One argument of an api command (`uuid_setvar`, `uuid_record`) or of an application that is split at blanks
 * (`play_and_get_digits`): comes out of switch_separate_string(…, ' ') as `text`, whatever `text` is.
 */
export function escapeArgument(text: string): string {
  return text.replace(/[\\'\n\r\t \0]/g, (char) => ESCAPES[char] ?? char);
}

/**
 * One element of a list split at `delimiter` (no blank): `!` in `file_string://`, `,` and `=` inside `{}`.
 * Blanks inside stay as they are; those at the ends, which FreeSWITCH would trim, are escaped.
 */
export function escapeElement(text: string, delimiter: string): string {
  const escaped = text
    .replace(/[\\'\n\r\t\0]/g, (char) => ESCAPES[char] ?? char)
    .replaceAll(delimiter, `\\${delimiter}`);
  return escaped.replace(/^ +| +$/g, (blanks) => '\\s'.repeat(blanks.length));
}

/**
 * The argument of an application (`execute-app-arg`): comes out of switch_channel_expand_variables() as `text`, so
 * that `${…}` in it is text and not a variable or, worse, an api call.
 */
export function escapeApplicationData(text: string): string {
  // FreeSWITCH looks for escapes only if there is one or a `${`; without either the text goes through untouched
  if (!text.includes('\\') && !text.includes('${')) return text;
  return text.replaceAll('\\', '\\\\').replaceAll('$', '\\$');
}

/**
 * Keeps `%20` in a variable of ours from being read back as a blank: FreeSWITCH's encoder takes a percent sign with
 * two upper-case hex digits for an escape that is there already and does not encode it again. Only for `jf_…`, which
 * nobody but us reads; everything else must be in the switch as it was given.
 */
export function protectPercent(name: string, value: string): string {
  return name.startsWith('jf_') ? value.replace(/%(?=[0-9A-F]{2})/g, '%25') : value;
}

/** Whether a text may stand in a command as a channel id. */
export function isChannelId(text: string): boolean {
  return /^[\w.:@+-]{1,200}$/.test(text);
}

/** A channel id as it may stand in a command. @throws JackfieldError BAD_REQUEST */
export function checkChannelId(uuid: string): string {
  if (isChannelId(uuid)) return uuid;
  throw new JackfieldError('BAD_REQUEST', 'This is not a channel id.', {
    details: { uuid: uuid.slice(0, 80) },
  });
}

/** A variable name as it may stand in a command. @throws JackfieldError BAD_REQUEST */
export function checkVariableName(name: string): string {
  if (/^[A-Za-z_][\w.-]{0,100}$/.test(name)) return name;
  throw new JackfieldError('BAD_REQUEST', 'This is not a name for a channel variable.', {
    details: { name: name.slice(0, 80) },
  });
}
