import { pluginTexts } from '@jackfield/admin-ui/sdk';
import { computed, onScopeDispose, watch } from 'vue';
import type { SoftphoneCall } from '../../contract.ts';
import { softphone } from '../softphone.ts';
import { browserPhone } from './browser-phone.ts';
import { ring } from './ringer.ts';

/** Rings while a call does, unless a desk phone or another tab rings already; a hidden page tells the desktop too. */
export function useRinging(): void {
  const ringing = computed<SoftphoneCall | null>(() => {
    const isHere = softphone.device === 'virtual' || browserPhone.state.value === 'ready';
    return (isHere && softphone.calls.find(({ state }) => state === 'ringing')) || null;
  });
  let quiet: (() => void) | null = null;
  watch(
    () => ringing.value?.legId ?? null,
    () => {
      quiet?.();
      quiet = null;
      if (!ringing.value) return;
      const stops = [ring(), tellDesktop(ringing.value)];
      quiet = () => {
        for (const stop of stops) stop();
      };
    },
  );
  onScopeDispose(() => quiet?.());
}

function tellDesktop({ legId, name, displayNumber, via }: SoftphoneCall): () => void {
  if (!document.hidden || typeof Notification !== 'function' || Notification.permission !== 'granted')
    return () => {};
  const { t } = pluginTexts('telephony');
  const notice = new Notification(name || displayNumber || t('call.noNumber'), {
    body: [t('call.states.ringing'), via].filter(Boolean).join(' · '),
    tag: legId,
  });
  notice.onclick = () => {
    window.focus();
    notice.close();
  };
  return () => notice.close();
}
