import type { Switch } from '../switch/contract.ts';
import { refreshCommands } from './gateways-xml.ts';

/**
 * Tells the switch to ask again for gateways and carriers; resolves when it has been told, not when it has asked.
 * `changed` names the gateways that were altered or removed. Does nothing while no switch is connected, which asks
 * once it is, and with the emulator, which never asks. Rejects as every command of the switch does.
 */
export async function refreshProvisioning(
  node: Pick<Switch, 'api' | 'state'>,
  changed: readonly string[] = [],
): Promise<void> {
  const { state } = node;
  if (state.state !== 'connected' || state.emulator) return;
  // In a thread of its own: an address that does not answer would hold up every other command of ours.
  for (const command of refreshCommands('trunk', changed)) await node.api(`bgapi ${command}`);
}
