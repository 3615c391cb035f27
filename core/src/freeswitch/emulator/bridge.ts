/** Two legs that talk: uuid_bridge, the bridge application, and what follows when one of them leaves. */
import { answer } from './answer.ts';
import { snapshotProfile } from './caller-profile.ts';
import type { Channel } from './channel.ts';
import { arrayItems, arrayValue, type Header } from './event-message.ts';
import { runMessages } from './execute.ts';
import { transfer } from './transfer.ts';

/**
 * `uuid_bridge a b`: takes both out of whatever they do. True if it was begun; the bridge comes later
 * (CHANNEL_BRIDGE). A leg that still rings dies of it, and the other with it (trace 17 C).
 */
export function uuidBridge(first: Channel, second: Channel): boolean {
  if (first === second || first.hungUp || second.hungUp) return false;
  let a = first;
  let b = second;
  if (!a.mediaUp) {
    if (!b.mediaUp) return false;
    [a, b] = [b, a];
  }
  if (b.direction === 'outbound') b.dialplanFlag = false;
  for (const [leg, other] of [
    [a, b],
    [b, a],
  ] as const) {
    leg.set('bridge_channel', other.name);
    leg.set('bridge_uuid', other.uuid);
    leg.set('signal_bond', other.uuid);
  }
  if (b.direction === 'inbound') invertCallerId(b);
  for (const leg of [b, a]) {
    leg.set('original_destination_number', leg.profile.destinationNumber);
    leg.set('original_caller_id_name', leg.profile.callerIdName);
    leg.set('original_caller_id_number', leg.profile.callerIdNumber);
  }
  b.pushProfile({ logicalDirection: 'inbound' });
  a.pushProfile({ logicalDirection: 'inbound' });
  b.otherLeg = { type: 'originator', profile: snapshotProfile(a.profile) };
  a.otherLeg = { type: 'originatee', profile: snapshotProfile(b.profile) };
  a.profile.calleeIdName = b.profile.calleeIdName;
  a.profile.calleeIdNumber = b.profile.calleeIdNumber;
  b.profile.callerIdName = a.profile.callerIdName;
  b.profile.callerIdNumber = a.profile.callerIdNumber;
  addTransferSource(a, `uuid_br:${b.uuid}`);
  addTransferSource(b, `uuid_br:${a.uuid}`);
  a.uuidBridge = { role: 'originator', other: b };
  b.uuidBridge = { role: 'originatee', other: a };
  a.steps = [];
  b.steps = [];
  b.setState('CS_HIBERNATE');
  a.setState('CS_HIBERNATE');
  return true;
}

function invertCallerId(leg: Channel): void {
  const p = leg.profile;
  [p.callerIdName, p.calleeIdName] = [p.calleeIdName || 'Unknown', p.callerIdName];
  [p.callerIdNumber, p.calleeIdNumber] = [p.calleeIdNumber || 'Unknown', p.callerIdNumber];
}

/** `transfer_source` of the profile and the variable, and one more entry in `transfer_history`. */
export function addTransferSource(leg: Channel, what: string): void {
  const source = `${Math.floor(leg.core.clock.nowUs() / 1e6)}:${leg.profile.profileUuid}:${what}`;
  leg.profile.transferSource = source;
  const before = leg.get('transfer_history');
  const history = before === null ? [] : (arrayItems(before) ?? [before]);
  leg.set('transfer_history', arrayValue([...history, source]));
  leg.set('transfer_source', source);
}

/** CS_SOFT_EXECUTE: the first leg waits for the second and bridges to it; the second waits to be bridged. */
export async function joinUuidBridge(leg: Channel): Promise<void> {
  const plan = leg.uuidBridge;
  if (!plan || plan.role === 'originatee') {
    while (leg.ready) {
      await runMessages(leg);
      if (leg.ready) await leg.idle();
    }
    return;
  }
  const { other } = plan;
  if (other.hungUp) {
    leg.uuidBridge = null;
    if (!parkOrTransfer(leg)) leg.hangup('DESTINATION_OUT_OF_ORDER');
    return;
  }
  while (!other.hungUp && leg.ready && other.uuidBridge?.other === leg) {
    if (other.state === other.runningState) {
      if (other.runningState === 'CS_RESET') other.setState('CS_SOFT_EXECUTE');
      if (other.runningState === 'CS_SOFT_EXECUTE') break;
    }
    await Promise.race([other.stateChange(), leg.stateChange()]);
  }
  leg.uuidBridge = null;
  if (!leg.ready) {
    other.hangup('DESTINATION_OUT_OF_ORDER');
    return;
  }
  if (other.hungUp || !other.mediaUp) {
    other.hangup('DESTINATION_OUT_OF_ORDER');
    if (leg.isTrue('uuid_bridge_park_on_cancel')) leg.setState('CS_PARK');
    else leg.hangup('ORIGINATOR_CANCEL');
    return;
  }
  for (const [one, partner] of [
    [leg, other],
    [other, leg],
  ] as const) {
    one.application = 'uuid_bridge';
    one.applicationData = partner.uuid;
    one.fire(
      'CHANNEL_EXECUTE',
      [],
      [
        ['Application', 'uuid_bridge'],
        ['Application-Data', partner.uuid],
      ],
    );
  }
  await bridgeLegs(leg, other);
  if (leg.state === 'CS_SOFT_EXECUTE') leg.setState('CS_EXECUTE');
}

/** Bridges `a`, on whose thread this runs, to `b`, and returns when they are apart. */
export async function bridgeLegs(a: Channel, b: Channel): Promise<void> {
  if (b.answered && !a.answered) answer(a);
  b.set('call_uuid', a.uuid);
  const now = a.core.now();
  a.times.bridged = now;
  b.times.bridged = now;
  const ids: Header[] = [
    ['Bridge-A-Unique-ID', a.uuid],
    ['Bridge-B-Unique-ID', b.uuid],
  ];
  a.setPartner(b);
  b.setPartner(a);
  a.bridged = true;
  b.bridged = true;
  a.fire('CHANNEL_BRIDGE', ids);
  for (const [leg, other] of [
    [a, b],
    [b, a],
  ] as const) {
    leg.set('bridge_to', other.uuid);
    leg.set('last_bridge_to', other.uuid);
    leg.set('bridge_channel', other.name);
    leg.set('bridge_uuid', other.uuid);
    leg.set('signal_bond', other.uuid);
  }
  b.uuidBridge = null;
  b.setState('CS_EXCHANGE_MEDIA');
  sendDisplay(a, b, a.profile.calleeIdName, a.profile.calleeIdNumber);
  await talk(a, () => !b.hungUp && b.state === 'CS_EXCHANGE_MEDIA' && b.partner === a);

  a.bridged = false;
  stopPlayback(b);
  b.wake();
  // the second leg decides for itself; CHANNEL_UNBRIDGE comes after that
  while (b.state === 'CS_EXCHANGE_MEDIA' && b.partner === a) await b.stateChange();
  if (a.partner === b) a.setPartner(null);
  if (b.partner === a) b.setPartner(null);
  noteCauses(a, b);
  b.set('call_uuid', b.uuid);
  a.set('bridge_to', null);
  a.fire('CHANNEL_UNBRIDGE', ids);
  if (a.ready && b.answered) {
    if (!parkOrTransfer(a) && a.isTrue('hangup_after_bridge')) a.hangup(b.hangupCause ?? 'NORMAL_CLEARING');
  }
  if (a.state === 'CS_HIBERNATE') a.setState('CS_RESET');
}

/** CS_EXCHANGE_MEDIA: the second leg, on its own thread. */
export async function bridgeLoop(leg: Channel): Promise<void> {
  const a = leg.partner;
  if (!a) {
    leg.hangup('DESTINATION_OUT_OF_ORDER');
    return;
  }
  sendDisplay(leg, a, a.profile.callerIdName, a.profile.callerIdNumber);
  await talk(leg, () => a.partner === leg && a.ready);
  leg.bridged = false;
  leg.set('bridge_to', null);
  stopPlayback(a);
  a.wake();
  if (leg.hungUp || leg.state !== 'CS_EXCHANGE_MEDIA') return;
  noteCauses(a, leg);
  if (!parkOrTransfer(leg)) leg.hangup(leg.answered ? 'NORMAL_CLEARING' : 'ORIGINATOR_CANCEL');
}

/** Both hear each other until one of them is elsewhere. Keys are passed on and reported. */
async function talk(leg: Channel, together: () => boolean): Promise<void> {
  while (leg.ready && together()) {
    await runMessages(leg);
    if (!leg.ready || !together()) return;
    while (leg.digits.length > 0) {
      const digit = leg.takeDigit();
      if (digit !== null) leg.partner?.farEnd.digits?.(leg.partner, digit);
    }
    leg.breakRequest = 'none';
    if (leg.queue.length === 0) await leg.idle();
  }
}

function stopPlayback(leg: Channel): void {
  if (!leg.playing || leg.hungUp) return;
  leg.breakRequest = 'one';
  leg.wake();
}

function noteCauses(a: Channel, b: Channel): void {
  for (const [leg, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (other.hangupCause === null) continue;
    leg.set('bridge_hangup_cause', other.hangupCause);
  }
}

/** The `*_after_bridge` variables (trace 15). False when none applies. */
function parkOrTransfer(leg: Channel): boolean {
  if (leg.isTrue('park_after_bridge')) {
    leg.setState('CS_PARK');
    return true;
  }
  const target = leg.get('transfer_after_bridge');
  if (target !== null) {
    const [extension = '', dialplan = '', context = ''] = target.split(':');
    leg.set('transfer_after_bridge', null);
    transfer(leg, extension, dialplan, context);
    return true;
  }
  const app = leg.get('exec_after_bridge_app');
  if (app !== null && leg.state === 'CS_SOFT_EXECUTE') {
    leg.steps = [{ app, arg: leg.get('exec_after_bridge_arg') ?? '' }];
    leg.setState('CS_EXECUTE');
    return true;
  }
  return false;
}

/** Tells a phone whom it is talking to: CALL_UPDATE, only when that is news to it. */
function sendDisplay(leg: Channel, other: Channel, calleeName: string, number: string): void {
  const name = calleeName === '' ? number : calleeName;
  if (leg.get('last_sent_callee_id_name') === name && leg.get('last_sent_callee_id_number') === number)
    return;
  leg.set('last_sent_callee_id_name', name);
  leg.set('last_sent_callee_id_number', number);
  leg.fire('CALL_UPDATE', [
    ['Direction', 'SEND'],
    ['Sent-Callee-ID-Name', name],
    ['Sent-Callee-ID-Number', number],
    ['Bridged-To', other.uuid],
  ]);
}
