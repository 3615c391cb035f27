import { createHash } from 'node:crypto';
import { CARRIER_DOMAIN, type SipCarrier, type SipCredential, type SipUser } from './contract.ts';
import { document, element, nameValues } from './xml.ts';

/** `a1-hash` of a SIP account, RFC 2617 HA1: what the digest needs of the password. */
export function a1Hash(user: string, domain: string, password: string): string {
  return createHash('md5').update(`${user}:${domain}:${password}`).digest('hex');
}

const DIALLED = `$\{dialed_user}@$\{dialed_domain}`;
/** How `user/1001@acme.test` is dialled: at the address under which the phone has registered. */
/** A softphone in the browser tells by the header which leg of which call it is that rings. */
const SET = `sip_invite_domain=$\{dialed_domain}:presence_id=${DIALLED}:sip_h_X-Jackfield-Leg=$\{origination_uuid}`;
const DIAL_STRING = `{^^:${SET}}$\{sofia_contact(*/${DIALLED})}`;

/** The account of one phone, as the directory section of FreeSWITCH has it. */
export function directoryXml(account: SipUser & { readonly domain: string; readonly user: string }): string {
  const variables = Object.entries(account.variables ?? {});
  const user = element('user', { id: account.user }, [
    nameValues('params', 'param', {
      ...credentialParam(account),
      // On legs to the phone; those below are on legs from it.
      ...Object.fromEntries(variables.map(([name, value]) => [`dial-var-${name}`, value])),
    }),
    nameValues('variables', 'variable', { user_context: 'default', ...account.variables }),
  ]);
  const dial = nameValues('params', 'param', { 'dial-string': DIAL_STRING });
  return document('directory', [element('domain', { name: account.domain }, [dial, user])]);
}

/** Who may call in over a trunk without a password: for the access list `jackfield_carriers`. */
export function carriersXml(carriers: readonly SipCarrier[]): string {
  const users = carriers
    .filter((carrier) => carrier.networks.length > 0)
    .map((carrier) => element('user', { id: carrier.id, cidr: carrier.networks.join(',') }));
  return document('directory', [element('domain', { name: CARRIER_DOMAIN }, users)]);
}

/** The account of one carrier: its variables, and its password if it has one. Nobody can register or dial it. */
export function carrierXml(carrier: SipCarrier): string {
  const params = {
    'sip-forbid-register': carrier.credential ? 'false' : 'true',
    'allow-empty-password': 'false',
    ...credentialParam(carrier.credential ?? { password: '' }),
  };
  const user = element('user', { id: carrier.id }, [
    nameValues('params', 'param', params),
    nameValues('variables', 'variable', { user_context: 'public', ...carrier.variables }),
  ]);
  return document('directory', [element('domain', { name: CARRIER_DOMAIN }, [user])]);
}

/** Never none and never empty unnoticed: an account without params lets everybody in. */
function credentialParam(credential: SipCredential): Record<string, string> {
  if (credential.a1Hash !== undefined)
    return { 'a1-hash': credential.a1Hash, 'allow-empty-password': 'false' };
  return { password: credential.password, 'allow-empty-password': 'false' };
}
