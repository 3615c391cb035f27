import type { Logger } from 'pino';
import type { Clock } from '../../boot/clock.ts';
import type { Switch } from '../switch/contract.ts';
import type { CallStore } from './call-store.ts';
import type { Call, CallChange } from './contract.ts';

/** What a call needs of the world; one object for all calls of a node. */
export interface CallHost {
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: CallStore;
  readonly node: Switch;
  /** The plugins that are on for a tenant at this moment. */
  activePlugins(tenantId: string): ReadonlySet<string>;
  /** Events of channel `legId` go to call `callId` from now on. */
  claimLeg(legId: string, callId: string): void;
  releaseLeg(legId: string): void;
  /** Legs of which the switch has still to say what became of them: one that it does not have may yet come. */
  readonly dialling: Set<string>;
  /** Tells the taps of all plugins. */
  changed(call: Call, change: CallChange): void;
}
