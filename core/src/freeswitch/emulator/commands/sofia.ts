import type { ApiRegistry } from '../api.ts';
import { xmlText } from '../encode.ts';
import type { Phone } from '../phone.ts';
import type { SwitchCore } from '../switch-core.ts';
import { localStamp } from '../switch-core.ts';
import { OK } from './find.ts';

const LINE = '='.repeat(97);

/** mod_sofia's commands about registrations, profiles and gateways: what Jackfield asks, in the real texts. */
export function addSofiaCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('sofia_contact', (args) => {
    const address = args.trim().replace(/^[^/]*\//, '');
    const [user = '', domain = core.options.domain] = address.split('@');
    const phone = core.phones.find(user, domain);
    return phone ? `sofia/internal/sip:${phone.contact}` : 'error/user_not_registered';
  });
  registry.add('sofia_count_reg', (args) => {
    const address = args.trim().replace(/^[^/]*\//, '');
    const [user = '', domain = core.options.domain] = address.split('@');
    return core.phones.find(user, domain) ? '1' : '0';
  });
  registry.add('user_exists', (args) => {
    const [, user = '', domain = core.options.domain] = args.trim().split(/\s+/);
    return String(core.phones.userExists(user, domain));
  });
  registry.add('user_data', (args) => {
    const [address = '', , name = ''] = args.trim().split(/\s+/);
    const [user = '', domain = core.options.domain] = address.split('@');
    return core.phones.user(user, domain)?.variables[name] ?? '';
  });
  registry.add('sofia', (args) => sofia(core, args.trim().split(/\s+/)));
}

function sofia(core: SwitchCore, words: readonly string[]): string {
  const [verb, kind, name, what, value] = words;
  if (verb === 'status') {
    if (kind === undefined) return statusText(core);
    if (kind === 'gateway') return gatewayText(core, name ?? '');
    if (kind === 'profile' && (what === 'reg' || what === 'user')) {
      return registrationsText(core, select(core, what, value));
    }
    if (kind === 'profile') return profileText(name ?? '');
  }
  if (verb === 'xmlstatus') {
    if (kind === 'gateway') return gatewayXml(core, name ?? '');
    if (kind === 'profile') return registrationsXml(core, select(core, what ?? 'reg', value));
  }
  if (verb === 'profile') {
    if (name === 'flush_inbound_reg' || what === 'flush_inbound_reg') {
      const target = (name === 'flush_inbound_reg' ? what : value) ?? '';
      const [user = '', domain = core.options.domain] = target.split('@');
      // real FreeSWITCH ends the registration in a thread of its own
      core.clock.after(20, () => core.phones.flush(user, domain));
      return '+OK flushing all registrations matching specified call_id\n';
    }
    if (name === 'register') {
      gatewayStates(core, what ?? '');
      return OK;
    }
    if (name === 'rescan' || name === 'restart' || name === 'killgw' || name === 'startgw') return OK;
  }
  return '-USAGE: sofia <status|xmlstatus|profile|...>\n';
}

/** `reg 1001` matches, `reg 1001@cc.test` finds nothing, `user 1001@cc.test` does (trace 12). */
function select(core: SwitchCore, what: string, value: string | undefined): readonly Phone[] {
  const all = core.phones.all();
  if (value === undefined) return all;
  return all.filter((phone) => (what === 'user' ? phone.label === value : phone.user.includes(value)));
}

function registrationsText(core: SwitchCore, phones: readonly Phone[]): string {
  const items = phones.map((phone) =>
    [
      `Call-ID:    \t${phone.callId}`,
      `User:       \t${phone.label}`,
      `Contact:    \t"" <sip:${phone.contact}>`,
      'Agent:      \tTestPhone/1.0',
      `Status:     \tRegistered(UDP)(unknown) EXP(${expiry(phone)}) EXPSECS(${secondsLeft(core, phone)})`,
      'Ping-Status:\tReachable',
      'Ping-Time:\t0.00',
      `Host:       \t${core.identity.hostname}`,
      'IP:         \t127.0.0.1',
      `Port:       \t${phone.port}`,
      `Auth-User:  \t${phone.user}`,
      'Auth-Realm: \t127.0.0.1',
      `MWI-Account:\t${phone.label}`,
      '',
      '',
    ].join('\n'),
  );
  return `\nRegistrations:\n${LINE}\n${items.join('')}Total items returned: ${phones.length}\n${LINE}\n`;
}

function expiry(phone: Phone): string {
  return localStamp(phone.expiresAt * 1e6);
}

function secondsLeft(core: SwitchCore, phone: Phone): number {
  return phone.expiresAt - Math.floor(core.clock.nowUs() / 1e6);
}

function registrationsXml(core: SwitchCore, phones: readonly Phone[]): string {
  const items = phones.map(
    (phone) => `    <registration>
        <call-id>${phone.callId}</call-id>
        <user>${phone.label}</user>
        <contact>${xmlText(`"" <sip:${phone.contact}>`)}</contact>
        <agent>TestPhone/1.0</agent>
        <status>Registered(UDP)(unknown) exp(${expiry(phone)}) expsecs(${secondsLeft(core, phone)})</status>
        <ping-status>Reachable</ping-status>
        <ping-time>0.00</ping-time>
        <host>${core.identity.hostname}</host>
        <network-ip>127.0.0.1</network-ip>
        <network-port>${phone.port}</network-port>
        <sip-auth-user>${phone.user}</sip-auth-user>
        <sip-auth-realm>127.0.0.1</sip-auth-realm>
        <mwi-account>${phone.label}</mwi-account>
    </registration>
`,
  );
  return `<?xml version="1.0" encoding="ISO-8859-1"?>\n<profile>\n  <registrations>\n${items.join('')}  </registrations>\n</profile>\n`;
}

function statusText(core: SwitchCore): string {
  const row = (name: string, type: string, data: string, state: string) =>
    `${name.padStart(25)}\t${type.padStart(7)}\t${data.padStart(42)}\t${state}\n`;
  const gateways = core.trunk.gateways.map((gw) =>
    row(`trunk::${gw}`, 'gateway', `sip:cc@127.0.0.1:5090`, 'NOREG'),
  );
  return [
    `${'Name'.padStart(25)}\t${'Type'.padStart(7)}\t${'Data'.padStart(42)}\tState\n`,
    `${LINE}\n`,
    row(core.options.domain, 'alias', 'internal', 'ALIASED'),
    row('trunk', 'profile', 'sip:mod_sofia@127.0.0.1:5080', 'RUNNING (0)'),
    ...gateways,
    row('internal', 'profile', 'sip:mod_sofia@127.0.0.1:5060', 'RUNNING (0)'),
    `${LINE}\n`,
    '2 profiles 1 alias\n',
  ].join('');
}

function profileText(name: string): string {
  if (name !== 'internal' && name !== 'trunk') return 'Invalid Profile!\n';
  return `${LINE}\nName             \t${name}\nDomain Name      \tN/A\n${LINE}\n`;
}

const gatewayFields = (name: string): (readonly [string, string])[] => [
  ['Name', name],
  ['Profile', 'trunk'],
  ['Scheme', 'Digest'],
  ['Realm', '127.0.0.1'],
  ['Username', 'cc'],
  ['Password', 'yes'],
  ['From', '<sip:cc@127.0.0.1:5090>'],
  ['Contact', `<sip:gw+${name}@127.0.0.1:5080;transport=udp;gw=${name}>`],
  ['Exten', 'cc'],
  ['To', 'sip:cc@127.0.0.1:5090'],
  ['Proxy', 'sip:127.0.0.1:5090'],
  ['Context', 'public'],
  ['Expires', '3600'],
  ['Freq', '3600'],
  ['Ping', '0'],
  ['PingFreq', '0'],
  ['PingTime', '0.00'],
  ['PingState', '0/0/0'],
  ['State', 'NOREG'],
  ['Status', 'UP'],
  ['Uptime', '0s'],
  ['CallsIN', '0'],
  ['CallsOUT', '0'],
  ['FailedCallsIN', '0'],
  ['FailedCallsOUT', '0'],
];

function gatewayText(core: SwitchCore, name: string): string {
  if (!core.trunk.hasGateway(name)) return 'Invalid Gateway!\n';
  const lines = gatewayFields(name).map(([key, value]) => `${key.padEnd(8)}\t${value}\n`);
  return `${LINE}\n${lines.join('')}${LINE}\n`;
}

const gatewayXmlFields = (core: SwitchCore, name: string): (readonly [string, string])[] => [
  ['name', name],
  ['profile', 'trunk'],
  ['scheme', 'Digest'],
  ['realm', '127.0.0.1'],
  ['username', 'cc'],
  ['password', 'yes'],
  ['from', '<sip:cc@127.0.0.1:5090>'],
  ['contact', `<sip:gw+${name}@127.0.0.1:5080;transport=udp;gw=${name}>`],
  ['exten', 'cc'],
  ['to', 'sip:cc@127.0.0.1:5090'],
  ['proxy', 'sip:127.0.0.1:5090'],
  ['context', 'public'],
  ['expires', '3600'],
  ['freq', '3600'],
  ['ping', '0'],
  ['pingfreq', '0'],
  ['pingmin', '0'],
  ['pingcount', '0'],
  ['pingmax', '0'],
  ['pingtime', '0.00'],
  ['pinging', '0'],
  ['state', 'NOREG'],
  ['status', 'UP'],
  ['uptime-usec', String(Math.floor(core.clock.nowUs() - core.startedUs))],
  ['calls-in', '0'],
  ['calls-out', '0'],
  ['failed-calls-in', '0'],
  ['failed-calls-out', '0'],
];

function gatewayXml(core: SwitchCore, name: string): string {
  if (!core.trunk.hasGateway(name)) return 'Invalid Gateway!\n';
  const lines = gatewayXmlFields(core, name).map(
    ([key, value]) => `    <${key}>${xmlText(value)}</${key}>\n`,
  );
  return `<?xml version="1.0" encoding="ISO-8859-1"?>\n  <gateway>\n${lines.join('')}  </gateway>\n`;
}

/** A registration that fails: TRYING, FAILED, FAIL_WAIT. There is no carrier that would accept one. */
function gatewayStates(core: SwitchCore, gateway: string): void {
  const fire = (state: string, answer: readonly (readonly [string, string])[] = []) =>
    core.fireCustom('sofia::gateway_state', [
      ['Gateway', gateway],
      ['State', state],
      ['Ping-Status', 'DOWN'],
      ...answer,
    ]);
  core.clock.after(100, () => {
    fire('TRYING');
    fire('FAILED', [
      ['Phrase', 'Service Unavailable'],
      ['Status', '503'],
    ]);
  });
  core.clock.after(1100, () => fire('FAIL_WAIT'));
}
