import type { SipCarrier, SipGateway, SipUser } from '../freeswitch/provisioning/contract.ts';
import type { ActionHook, DecideHook, FilterHook } from './contract.ts';

export interface DemoUser {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly role: 'agent' | 'supervisor' | 'admin';
}

/** The hooks that the core itself declares. */
export interface CoreHooks {
  /**
   * A demo tenant was made: each plugin fills it with something to see. Runs in the tenant's scope. `hints` are
   * lines for the console: what a visitor should know, such as the number to dial.
   */
  'core:demo': ActionHook<{ readonly users: readonly DemoUser[]; readonly hints: string[] }>;
  /** A phone registers or is called: whose account is `user@domain`? In the scope of the domain's tenant. */
  'switch:user': DecideHook<{ readonly user: string; readonly domain: string }, SipUser>;
  /** The gateways of a SIP profile; each tap adds its own. Asked in the scope of one tenant after the other. */
  'switch:gateways': FilterHook<{ readonly profile: string; readonly gateways: readonly SipGateway[] }>;
  /** Who may call in over the trunk profile; each tap adds its own. Asked in the scope of one tenant after the other. */
  'switch:carriers': FilterHook<{ readonly carriers: readonly SipCarrier[] }>;
}
