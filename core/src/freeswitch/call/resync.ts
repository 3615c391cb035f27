import type { ChannelSnapshot, HangupReceipt, Resync } from '../switch/contract.ts';
import type { CallState } from './call-state.ts';
import { liveLegs } from './call-state.ts';

export interface LostLeg {
  readonly callId: string;
  readonly legId: string;
  /** Null when the switch kept nothing of it: it was restarted, or the channel never was. */
  readonly receipt: HangupReceipt | null;
}

export interface ResyncPlan {
  /** Legs we believe alive and the switch does not have, in the order in which they ended: the first ends the talk. */
  readonly lost: readonly LostLeg[];
  /** Legs that are there, with what the switch says of them. */
  readonly present: readonly {
    readonly callId: string;
    readonly legId: string;
    readonly channel: ChannelSnapshot;
  }[];
  /** Inbound channels of nobody's that wait in park: calls that came while we were away. */
  readonly newcomers: readonly ChannelSnapshot[];
  /** Channels that carry the mark of a call we no longer have: left over, to be hung up. */
  readonly strays: readonly ChannelSnapshot[];
}

/** Compares what we believe with what the switch says. Pure; what follows from it is done by the registry. */
export function planResync(calls: readonly CallState[], resync: Resync): ResyncPlan {
  const channels = new Map(resync.channels.map((channel) => [channel.uuid, channel]));
  const receipts = new Map(resync.receipts.map((receipt) => [receipt.uuid, receipt]));
  const owned = new Set<string>();
  const lost: LostLeg[] = [];
  const present: { callId: string; legId: string; channel: ChannelSnapshot }[] = [];
  for (const call of calls) {
    for (const leg of liveLegs(call)) {
      owned.add(leg.id);
      const channel = channels.get(leg.id);
      const receipt = receipts.get(leg.id) ?? null;
      // Receipts are read last: a channel that has one ended after it was read.
      if (channel && !receipt) present.push({ callId: call.id, legId: leg.id, channel });
      else lost.push({ callId: call.id, legId: leg.id, receipt });
    }
  }
  const unowned = resync.channels.filter((channel) => !owned.has(channel.uuid) && channel.dump !== null);
  return {
    lost: lost.sort((a, b) => endOf(a) - endOf(b)),
    present,
    newcomers: unowned.filter(
      (channel) =>
        channel.direction === 'inbound' &&
        channel.application === 'park' &&
        !channel.dump?.variable('jf_call'),
    ),
    strays: unowned.filter((channel) => Boolean(channel.dump?.variable('jf_call'))),
  };
}

function endOf({ receipt }: LostLeg): number {
  return receipt?.endedAt ?? Number.POSITIVE_INFINITY;
}
