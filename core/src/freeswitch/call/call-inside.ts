import type { CallHost } from './call-host.ts';
import type { CallLife } from './call-life.ts';
import type { CallState } from './call-state.ts';
import type { CallChange } from './contract.ts';
import type { DoomedLegs } from './doomed-legs.ts';

/** What the commands of a call see of its actor. */
export interface CallInside {
  readonly host: CallHost;
  readonly state: CallState;
  readonly life: CallLife;
  readonly doomed: DoomedLegs;
  /** What a command changed of the state takes effect. */
  apply(changes: readonly CallChange[]): void;
  /** A variable the switch had when the call began. */
  variable(name: string): string | null;
}
