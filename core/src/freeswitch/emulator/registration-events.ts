/** What mod_sofia says when a phone registers or is no longer registered (trace 12). */
import type { Header } from './event-message.ts';
import type { Phone } from './phone.ts';
import type { SwitchCore } from './switch-core.ts';

type Variables = Readonly<Record<string, string>>;

const AGENT: Header = ['user-agent', 'TestPhone/1.0'];
const REALM = '127.0.0.1';

/** A REGISTER that was accepted, the first or a refresh. */
export function fireRegistered(core: SwitchCore, phone: Phone, userVariables: Variables): void {
  fireAttempt(core, phone, 'Registered(UDP)', 'RENEWED');
  core.fireCustom('sofia::register', [
    ...identity(phone).toSpliced(3, 0, ['presence-hosts', `${phone.domain},127.0.0.1`]),
    ...status(phone, 'Registered(UDP)'),
    ...network(phone),
    ...account(phone),
    AGENT,
    ...directory(phone, userVariables),
  ]);
}

/** A wrong password, or a user nobody knows. */
export function fireRefused(core: SwitchCore, phone: Phone): void {
  fireAttempt(core, phone, 'Registered(UDP)', 'FORBIDDEN');
  core.fireCustom('sofia::register_failure', [
    ['profile-name', 'internal'],
    ['to-user', phone.user],
    ['to-host', '127.0.0.1'],
    ...network(phone),
    AGENT,
    ['registration-type', 'REGISTER'],
  ]);
}

export function fireUnregistered(core: SwitchCore, phone: Phone, userVariables: Variables): void {
  fireAttempt(core, phone, 'Unregistered', 'RENEWED');
  core.fireCustom('sofia::unregister', [
    ...identity(phone),
    ['rpid', 'unknown'],
    ['expires', '0'],
    ...network(phone),
    ...account(phone),
    AGENT,
    ...directory(phone, userVariables),
  ]);
}

export function fireExpired(core: SwitchCore, phone: Phone): void {
  core.fireCustom('sofia::expire', [
    ['profile-name', 'internal'],
    ['call-id', phone.callId],
    ['user', phone.user],
    ['username', phone.user],
    ['host', phone.domain],
    ['contact', `"" <sip:${phone.contact}>`],
    ['expires', String(phone.expiresAt)],
    AGENT,
    ['realm', REALM],
    ...network(phone),
  ]);
}

/** What comes before the outcome is told. */
function fireAttempt(
  core: SwitchCore,
  phone: Phone,
  statusText: 'Registered(UDP)' | 'Unregistered',
  result: 'RENEWED' | 'FORBIDDEN',
): void {
  const begin = [...identity(phone), ...status(phone, statusText), ...network(phone)];
  core.fireCustom('sofia::pre_register', [...begin, AGENT]);
  core.fireCustom('sofia::register_attempt', [...begin, ...account(phone), AGENT, ['auth-result', result]]);
}

function identity(phone: Phone): Header[] {
  return [
    ['profile-name', 'internal'],
    ['from-user', phone.user],
    ['from-host', phone.domain],
    ['contact', `"" <sip:${phone.contact}>`],
    ['call-id', phone.callId],
  ];
}

function status(phone: Phone, text: 'Registered(UDP)' | 'Unregistered'): Header[] {
  return [
    ['rpid', 'unknown'],
    ['status', text],
    ['expires', text === 'Unregistered' ? '0' : String(phone.expiresSec)],
    ['to-user', phone.user],
    ['to-host', '127.0.0.1'],
  ];
}

function network(phone: Phone): Header[] {
  return [
    ['network-ip', '127.0.0.1'],
    ['network-port', String(phone.port)],
  ];
}

function account(phone: Phone): Header[] {
  return [
    ['username', phone.user],
    ['realm', REALM],
  ];
}

function directory(phone: Phone, variables: Variables): Header[] {
  return [
    ['sip_number_alias', phone.user],
    ['sip_auth_username', phone.user],
    ['sip_auth_realm', REALM],
    ['number_alias', phone.user],
    ['user_name', phone.user],
    ['domain_name', phone.domain],
    ...Object.entries(variables),
  ];
}
