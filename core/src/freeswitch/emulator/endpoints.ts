import { isCause } from './causes.ts';
import type { FarEnd } from './far-end.ts';
import type { OutboundCall } from './sip-variables.ts';
import type { SwitchCore } from './switch-core.ts';

export type Endpoint =
  /** No channel comes into being, and no event says so (trace 05). */
  | { readonly kind: 'failed'; readonly cause: string }
  | {
      readonly kind: 'leg';
      readonly channelName: string;
      readonly destination: string;
      readonly farEnd: FarEnd;
      readonly presenceId: string | null;
      /** Set for `user/…`. */
      readonly user: { readonly name: string; readonly domain: string } | null;
      readonly sip: OutboundCall;
    };

/** `user/1001@domain`, `sofia/gateway/carrier/1390`, `sofia/internal/1001@host:port`, `error/USER_BUSY`. */
export function resolveEndpoint(core: SwitchCore, text: string): Endpoint {
  const [type = '', ...rest] = text.split('/');
  switch (type) {
    case 'user':
      return resolveUser(core, rest.join('/'));
    case 'sofia':
      return rest[0] === 'gateway'
        ? resolveGateway(core, rest[1] ?? '', rest.slice(2).join('/'))
        : resolveProfile(core, rest[0] ?? '', rest.slice(1).join('/'));
    case 'error':
      return fail(isCause(rest[0] ?? '') ? (rest[0] ?? '') : 'NORMAL_CLEARING');
    default:
      return fail('CHAN_NOT_IMPLEMENTED');
  }
}

function fail(cause: string): Endpoint {
  return { kind: 'failed', cause };
}

function resolveUser(core: SwitchCore, address: string): Endpoint {
  const [name = '', domain = core.options.domain] = address.split('@');
  if (!core.phones.userExists(name, domain)) return fail('SUBSCRIBER_ABSENT');
  // the lookup in the directory takes a number that no event carries
  core.skipSequence();
  core.fireApi('sofia_contact', `*/${name}@${domain}`);
  const phone = core.phones.find(name, domain);
  if (!phone) return fail('USER_NOT_REGISTERED');
  return {
    kind: 'leg',
    channelName: `sofia/internal/${phone.contact}`,
    destination: name,
    farEnd: phone,
    presenceId: `${name}@${domain}`,
    user: { name, domain },
    sip: { profile: 'internal', address: phone.contact, fromHost: domain },
  };
}

function resolveGateway(core: SwitchCore, gateway: string, number: string): Endpoint {
  if (!core.trunk.hasGateway(gateway)) return fail('INVALID_GATEWAY');
  return {
    kind: 'leg',
    channelName: `sofia/trunk/${number}`,
    destination: number,
    farEnd: core.trunk.farEnd(gateway, number),
    presenceId: null,
    user: null,
    sip: { profile: 'trunk', address: `${number}@127.0.0.1:5090`, fromHost: '127.0.0.1', gateway },
  };
}

function resolveProfile(core: SwitchCore, profile: string, address: string): Endpoint {
  if (profile !== 'internal' && profile !== 'trunk') return fail('INVALID_PROFILE');
  if (address.includes('%')) {
    const [name = '', domain = ''] = address.split('%');
    const phone = core.phones.find(name, domain);
    if (!phone) return fail('USER_NOT_REGISTERED');
    return legTo(profile, phone.contact, name, phone);
  }
  const destination = address.split('@')[0] ?? address;
  return legTo(
    profile,
    address,
    destination,
    core.phones.findByContact(address) ?? core.trunk.unreachable(address),
  );
}

function legTo(
  profile: 'internal' | 'trunk',
  address: string,
  destination: string,
  farEnd: FarEnd,
): Endpoint {
  return {
    kind: 'leg',
    channelName: `sofia/${profile}/${address}`,
    destination,
    farEnd,
    presenceId: null,
    user: null,
    sip: { profile, address, fromHost: '127.0.0.1' },
  };
}
