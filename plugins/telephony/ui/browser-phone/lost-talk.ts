import { api, notify } from '@jackfield/admin-ui/sdk';
import { computed, onScopeDispose, ref, watch } from 'vue';
import type { SoftphoneCall } from '../../contract.ts';
import { softphone } from '../softphone.ts';
import { browserPhone } from './browser-phone.ts';

/** Survives a reload of its tab, and nothing else. */
const KEPT = 'telephony:legs';
const rejoining = ref(false);

/** A talk of ours whose sound is in no page any more, or in one that is not the phone now. */
export const lostTalk = computed<SoftphoneCall | null>(() => {
  if (browserPhone.state.value !== 'ready' || rejoining.value) return null;
  const isTalk = ({ state }: SoftphoneCall) => state === 'talking' || state === 'held';
  return softphone.calls.find((call) => isTalk(call) && !browserPhone.has(call.legId)) ?? null;
});

/** Brings the sound of the talk into this page. */
export async function rejoin({ callId }: SoftphoneCall): Promise<void> {
  rejoining.value = true;
  try {
    await api.post(`telephony/calls/${callId}/rejoin`);
  } finally {
    rejoining.value = false;
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
