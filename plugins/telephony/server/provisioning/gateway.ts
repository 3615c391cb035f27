import type { PluginContext, SipGateway } from '@jackfield/core/sdk';

export interface GatewaySettings {
  readonly name: string;
  /** Host or host:port; empty: no gateway of ours. */
  readonly proxy: string;
  readonly register: boolean;
  /** Empty: none. */
  readonly username: string;
  readonly password: string;
}

/** Every setting that says something of the gateway; a change of any makes another gateway of it. */
export const GATEWAY_SETTINGS: readonly string[] = [
  'outbound-gateway',
  'gateway-proxy',
  'gateway-register',
  'gateway-username',
  'gateway-password',
];

export function gatewaySettings({ settings }: Pick<PluginContext, 'settings'>): GatewaySettings {
  return {
    name: settings.get<string>('outbound-gateway'),
    proxy: settings.get<string>('gateway-proxy'),
    register: settings.get<boolean>('gateway-register'),
    username: settings.get<string>('gateway-username'),
    password: settings.get<string>('gateway-password'),
  };
}

/** The gateway that the settings describe, or null: there is none, or something is missing (`gatewayProblem`). */
export function gatewayOf(settings: GatewaySettings): SipGateway | null {
  const { name, proxy, register, username, password } = settings;
  if (proxy === '' || gatewayProblem(settings) !== null) return null;
  return {
    name,
    proxy,
    register,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

/** Why FreeSWITCH would ignore this gateway, for the log; null if it would not. */
export function gatewayProblem({ proxy, register, username, password }: GatewaySettings): string | null {
  if (proxy === '' || !register || (username !== '' && password !== '')) return null;
  return 'gateway-register needs gateway-username and gateway-password: no gateway is set up until both are there';
}
