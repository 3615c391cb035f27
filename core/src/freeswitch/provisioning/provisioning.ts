import { createHash, timingSafeEqual } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import type { Context } from 'koa';
import { JackfieldError } from '../../errors/index.ts';
import { CARRIER_DOMAIN, type ProvisioningLookup } from './contract.ts';
import { carriersXml, carrierXml, directoryXml } from './directory-xml.ts';
import { gatewaysXml } from './gateways-xml.ts';
import { notFoundXml } from './xml.ts';

export interface ProvisioningOptions {
  /** Shared with the nodes: the password of basic authentication, or `?secret=`. */
  readonly secret: string;
  readonly lookup: ProvisioningLookup;
}

/**
 * Answers mod_xml_curl at `POST /switch/xml`: form in, FreeSWITCH's XML out. Every question that is not about a
 * phone, a gateway or a carrier gets "not found", and FreeSWITCH goes on with its own files.
 * Nothing of a request is logged: it holds user names and digests.
 * @throws JackfieldError BAD_CREDENTIALS without the secret; BAD_REQUEST, PAYLOAD_TOO_LARGE for a bad form; what
 *   `lookup` throws. FreeSWITCH takes all of them as "no": registration is refused, gateways stay as they are.
 */
export function createProvisioning({ secret, lookup }: ProvisioningOptions): (ctx: Context) => Promise<void> {
  if (secret === '')
    throw new JackfieldError('VALIDATION_FAILED', 'The secret of the phone switch is empty.');
  const isSecret = compareWith(secret);
  const parse = bodyParser({ enableTypes: ['form'], formLimit: 256 * 1024 });
  return async (ctx) => {
    if (!isSecret(secretOf(ctx))) throw new JackfieldError('BAD_CREDENTIALS');
    const params = await readForm(ctx, parse);
    ctx.status = 200;
    ctx.type = 'text/xml; charset=utf-8';
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await answer(params, lookup);
  };
}

/** The XML for one question of mod_xml_curl. */
export async function answer(params: URLSearchParams, lookup: ProvisioningLookup): Promise<string> {
  if (params.get('section') !== 'directory') return notFoundXml();
  const purpose = params.get('purpose');
  const domain = params.get('domain') ?? '';
  if (purpose === 'gateways') {
    const profile = params.get('profile') ?? '';
    return gatewaysXml(profile, await lookup.gateways(profile));
  }
  if (purpose === 'network-list') {
    return domain === CARRIER_DOMAIN ? carriersXml(await lookup.carriers()) : notFoundXml();
  }
  const id = params.get('user') ?? '';
  if (id === '' || domain === '' || !isOwnName(params)) return notFoundXml();
  if (domain === CARRIER_DOMAIN) {
    const carrier = (await lookup.carriers()).find((one) => one.id === id);
    return carrier ? carrierXml(carrier) : notFoundXml();
  }
  const user = await lookup.user(id, domain);
  if (!user) return notFoundXml();
  return directoryXml({ ...user, user: id, domain });
}

/**
 * Whether whoever authenticates speaks in its own name. FreeSWITCH looks the account up under the realm that the
 * phone sent and does not compare it with the address that is registered: with the password of 1001@a one could
 * take the calls of 1001@b. A request that is no authentication passes.
 */
export function isOwnName(params: URLSearchParams): boolean {
  if (params.get('action') !== 'sip_auth') return true;
  const realm = params.get('sip_auth_realm');
  const isRegister = params.get('sip_auth_method') === 'REGISTER';
  // A carrier passes calls of others on, so its From is free; it has nothing to register.
  if (realm === CARRIER_DOMAIN) return !isRegister;
  const side = isRegister ? 'to' : 'from';
  if (!sameName(params.get(`sip_${side}_host`), realm)) return false;
  return sameName(params.get(`sip_${side}_user`), params.get('sip_auth_username'));
}

function sameName(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a.toLowerCase() === b.toLowerCase();
}

function secretOf(ctx: Context): string {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(ctx.get('Authorization'))?.[1];
  if (basic !== undefined)
    return Buffer.from(basic, 'base64')
      .toString('utf8')
      .replace(/^[^:]*:/, '');
  const { secret } = ctx.query;
  return typeof secret === 'string' ? secret : '';
}

/** Takes the same time however much of the secret is right. */
function compareWith(secret: string): (given: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(secret);
  return (given) => timingSafeEqual(digest(given), expected);
}

async function readForm(ctx: Context, parse: ReturnType<typeof bodyParser>): Promise<URLSearchParams> {
  if (!ctx.is('urlencoded')) throw new JackfieldError('UNSUPPORTED_MEDIA_TYPE');
  try {
    await parse(ctx as Parameters<typeof parse>[0], async () => {});
  } catch (error) {
    const tooLarge = error instanceof Error && 'status' in error && error.status === 413;
    throw new JackfieldError(tooLarge ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST', undefined, { cause: error });
  }
  // Not the parsed body: FreeSWITCH does not encode all of it, and nested keys mean nothing here.
  return new URLSearchParams(ctx.request.rawBody ?? '');
}
