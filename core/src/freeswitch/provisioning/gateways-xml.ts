import type { SipGateway } from './contract.ts';
import { document, element, nameValues } from './xml.ts';

/**
 * The gateways of a profile. FreeSWITCH takes them from users of the directory; the user stands for nobody and
 * is answered for this one question only.
 */
export function gatewaysXml(profile: string, gateways: readonly SipGateway[]): string {
  const list = element('gateways', {}, gateways.map(gatewayElement));
  const user = element('user', { id: 'gateways' }, [list]);
  return document('directory', [element('domain', { name: `${profile}.gateways.jackfield` }, [user])]);
}

function gatewayElement(gateway: SipGateway): string {
  const params: Record<string, string> = {
    proxy: gateway.proxy,
    register: String(gateway.register),
    'caller-id-in-from': 'true',
    'retry-seconds': '30',
  };
  if (gateway.username !== undefined) params.username = gateway.username;
  if (gateway.password !== undefined) params.password = gateway.password;
  if (gateway.realm !== undefined) params.realm = gateway.realm;
  if (gateway.fromUser !== undefined) params['from-user'] = gateway.fromUser;
  if (gateway.fromDomain !== undefined) params['from-domain'] = gateway.fromDomain;
  if (gateway.pingSeconds !== undefined) params.ping = String(gateway.pingSeconds);
  if (gateway.transport !== undefined) {
    params['register-transport'] = gateway.transport;
    params['contact-params'] = `transport=${gateway.transport}`;
  }
  return element('gateway', { name: gateway.name }, [
    nameValues('params', 'param', params),
    nameValues('variables', 'variable', gateway.variables ?? {}),
  ]);
}

/**
 * What to tell a node, in this order, when it has just connected or gateways and carriers have changed.
 * `changed` names the gateways that were altered or removed; running calls over them go on.
 */
export function refreshCommands(profile: string, changed: readonly string[]): string[] {
  const forget = changed.map((name) => `sofia profile ${profile} killgw ${name}`);
  return ['reloadacl', ...forget, `sofia profile ${profile} rescan`];
}
