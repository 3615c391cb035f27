import { JackfieldError } from '../../errors/index.ts';

export interface SwitchAddress {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

const EXPECTED = 'esl://:password@host:8021';

/**
 * Reads `FREESWITCH_URL`, `esl://:password@host:8021`. The port defaults to 8021, the password to FreeSWITCH's own
 * default `ClueCon`; reserved characters in the password are percent-encoded. IPv6 hosts stand in brackets.
 * @throws JackfieldError BAD_REQUEST whose message says what is wrong; it never repeats the password
 */
export function parseSwitchUrl(text: string): SwitchAddress {
  const fail = (why: string): never => {
    throw new JackfieldError('BAD_REQUEST', `FREESWITCH_URL ${why}; expected ${EXPECTED}`);
  };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return fail('is not a URL');
  }
  if (url.protocol !== 'esl:') fail(`begins with ${url.protocol}//, not esl://`);
  if (url.hostname === '') fail('names no host');
  if (url.username !== '') fail('has a user name: write the colon before the password');
  if (url.pathname !== '' && url.pathname !== '/') fail('has a path');
  if (url.search !== '' || url.hash !== '') fail('has a query or a fragment');
  let password = '';
  try {
    password = decodeURIComponent(url.password);
  } catch {
    fail('has a malformed percent escape in the password');
  }
  if (/[\r\n\0]/.test(password)) fail('has a line break in the password');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 8021 : Number(url.port),
    password: password || 'ClueCon',
  };
}
