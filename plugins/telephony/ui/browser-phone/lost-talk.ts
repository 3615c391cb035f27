import { api, notify } from '@jackfield/admin-ui/sdk';
import { computed, onScopeDispose, watch } from 'vue';
import type { SoftphoneCall } from '../../contract.ts';
import { pending } from '../call-acts.ts';
import { softphone } from '../softphone.ts';
import { browserPhone } from './browser-phone.ts';

/** Survives a reload of its tab, and nothing else. */
const KEPT = 'telephony:legs';

/** A talk of ours whose sound is in no page any more, or in one that is not the phone now. */
export const lostTalk = computed<SoftphoneCall | null>(() => {
  // With a leg here its news may only be on the way.
  const isElsewhere = browserPhone.state.value === 'ready' && browserPhone.legs.value.length === 0;
  if (!isElsewhere || pending.value === 'rejoin') return null;
  return softphone.calls.find(({ state }) => state === 'talking' || state === 'held') ?? null;
});

/** Brings the sound of the talk into this page. */
export async function rejoin({ callId }: SoftphoneCall): Promise<void> {
  pending.value = 'rejoin';
  try {
    await api.post(`telephony/calls/${callId}/rejoin`);
  } finally {
    pending.value = null;
  }
}

/** Goes on by itself with the talk that a reload of this tab has cut off. */
export function useLostTalk(): void {
  const keep = () => {
    const up = browserPhone.legs.value.filter(({ state }) => state === 'up').map(({ legId }) => legId);
    if (up.length > 0) sessionStorage.setItem(KEPT, up.join(' '));
  };
  addEventListener('pagehide', keep);
  onScopeDispose(() => removeEventListener('pagehide', keep));
  watch(
    lostTalk,
    (call) => {
      if (!call || !(sessionStorage.getItem(KEPT) ?? '').split(' ').includes(call.legId)) return;
      sessionStorage.removeItem(KEPT);
      rejoin(call).catch(notify.error);
    },
    { immediate: true },
  );
}
