import { createHash, randomBytes } from 'node:crypto';

/** A SIP request or response, read. Header names are lower case and long. */
export interface SipMessage {
  readonly firstLine: string;
  /** Of a request. */
  readonly method: string | null;
  /** Of a response. */
  readonly status: number | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const LONG: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  r: 'refer-to',
  b: 'referred-by',
  o: 'event',
  s: 'subject',
  k: 'supported',
};

/** Null for a keep-alive. */
export function parseSip(text: string): SipMessage | null {
  const split = text.indexOf('\r\n\r\n');
  if (split < 0) return null;
  const [firstLine = '', ...lines] = text.slice(0, split).split('\r\n');
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    if (colon < 0) return [];
    const name = line.slice(0, colon).trim().toLowerCase();
    return [[LONG[name] ?? name, line.slice(colon + 1).trim()]];
  });
  const isResponse = firstLine.startsWith('SIP/2.0 ');
  const word = firstLine.split(' ');
  return {
    firstLine,
    method: isResponse ? null : (word[0] ?? null),
    status: isResponse ? Number(word[1]) : null,
    headers,
    body: text.slice(split + 4),
  };
}

/** First value of a header, '' if absent. */
export function header(message: SipMessage, name: string): string {
  return message.headers.find(([key]) => key === name.toLowerCase())?.[1] ?? '';
}

export function writeSip(
  firstLine: string,
  headers: readonly (readonly [string, string])[],
  body = '',
): string {
  const all = [...headers, ['Content-Length', String(Buffer.byteLength(body))] as const];
  return `${[firstLine, ...all.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n${body}`;
}

/** `sip:…` out of `"Name" <sip:…>;tag=…`. */
export function uriOf(nameAddress: string): string {
  return /<([^>]+)>/.exec(nameAddress)?.[1] ?? nameAddress.replace(/;.*/, '').trim();
}

export function userOf(nameAddress: string): string {
  return /^sips?:([^@;]+)@/.exec(uriOf(nameAddress))?.[1] ?? '';
}

export function tagOf(nameAddress: string): string {
  return /;tag=([^;>\s]+)/.exec(nameAddress)?.[1] ?? '';
}

export function randomToken(bytes = 6): string {
  return randomBytes(bytes).toString('hex');
}

/** The header that answers a 401 or 407 (RFC 2617, MD5). */
export function digestAnswer(
  challenge: SipMessage,
  request: { method: string; uri: string; user: string; password: string },
): readonly [string, string] {
  const proxy = challenge.status === 407;
  const text = header(challenge, proxy ? 'proxy-authenticate' : 'www-authenticate');
  const [realm, nonce] = [digestField(text, 'realm'), digestField(text, 'nonce')];
  const cnonce = randomToken();
  const qop = text.includes('qop=');
  const tail = qop ? `${nonce}:00000001:${cnonce}:auth` : nonce;
  const response = digestResponse({ ...request, realm, tail });
  const value =
    `Digest username="${request.user}", realm="${realm}", nonce="${nonce}", uri="${request.uri}", ` +
    `response="${response}", algorithm=MD5${qop ? `, cnonce="${cnonce}", nc=00000001, qop=auth` : ''}`;
  return [proxy ? 'Proxy-Authorization' : 'Authorization', value];
}

/** Whether a request answers a challenge of this realm, without qop, with this name and password. */
export function isDigestOf(
  request: SipMessage,
  account: { readonly user: string; readonly password: string; readonly realm: string },
): boolean {
  const text = header(request, 'authorization');
  const field = (name: string) => digestField(text, name);
  if (field('username') !== account.user || field('realm') !== account.realm) return false;
  const { method } = request;
  return (
    method !== null &&
    field('response') === digestResponse({ ...account, method, uri: field('uri'), tail: field('nonce') })
  );
}

function digestField(text: string, name: string): string {
  return new RegExp(`\\b${name}="?([^",]+)"?`).exec(text)?.[1] ?? '';
}

/** `tail`: what stands between the two hashes. */
function digestResponse(of: {
  readonly method: string;
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly tail: string;
}): string {
  const md5 = (value: string): string => createHash('md5').update(value).digest('hex');
  return md5(`${md5(`${of.user}:${of.realm}:${of.password}`)}:${of.tail}:${md5(`${of.method}:${of.uri}`)}`);
}
