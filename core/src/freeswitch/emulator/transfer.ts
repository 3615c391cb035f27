import { addTransferSource } from './bridge.ts';
import type { Channel } from './channel.ts';

/**
 * Sends a channel through the dialplan again. A partner that is not sent too is hung up by the end of the
 * bridge, unless it has park_after_bridge.
 * @param dialplan `XML`, `inline`, or '' for what it was
 */
export function transfer(leg: Channel, extension: string, dialplan = '', context = ''): void {
  if (leg.hungUp) return;
  const before = leg.profile;
  const useDialplan = dialplan || (before.dialplan === 'inline' ? 'XML' : before.dialplan) || 'XML';
  const useContext = context || before.context || 'default';
  leg.set('max_forwards', Number(leg.get('max_forwards') ?? 70) - 1);
  if (leg.partner) leg.partner.set('signal_bond', null);
  leg.set('signal_bond', null);
  leg.pushProfile({
    dialplan: useDialplan,
    context: useContext,
    destinationNumber: extension,
    rdnis: before.destinationNumber,
  });
  addTransferSource(leg, `bl_xfer:${extension}/${useContext}/${useDialplan}`);
  leg.uuidBridge = null;
  leg.steps = [];
  leg.setState('CS_ROUTING');
}
