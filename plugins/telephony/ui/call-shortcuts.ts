import { notify, type ShortcutInfo, useShortcut } from '@jackfield/admin-ui/sdk';
import type { SoftphoneCall } from '../contract.ts';
import { browserPhone } from './browser-phone/browser-phone.ts';
import { act, type CallVerb } from './call-acts.ts';
import { current } from './softphone.ts';

const infos: Readonly<Record<CallVerb, ShortcutInfo>> = {
  answer: { id: 'telephony:answer', title: { 'zh-CN': '接听', en: 'Answer the call' }, default: 'Alt+A' },
  reject: { id: 'telephony:reject', title: { 'zh-CN': '拒接', en: 'Reject the call' }, default: 'Alt+X' },
  hold: { id: 'telephony:hold', title: { 'zh-CN': '保持', en: 'Hold the call' }, default: 'Alt+H' },
  resume: { id: 'telephony:resume', title: { 'zh-CN': '恢复通话', en: 'Resume the call' }, default: 'Alt+J' },
  hangup: { id: 'telephony:hangup', title: { 'zh-CN': '挂断', en: 'Hang up' }, default: 'Alt+E' },
};

export type CallKeys = Readonly<Record<CallVerb | 'mute', string>>;

export const allowed: Readonly<Record<CallVerb, (call: SoftphoneCall) => boolean>> = {
  answer: ({ state }) => state === 'ringing',
  reject: ({ state }) => state === 'ringing',
  hold: ({ state }) => state === 'talking',
  resume: ({ state }) => state === 'held',
  hangup: ({ state }) => state !== 'ringing',
};

/** Switches the microphone of a call in this page off and on. */
export function toggleMute(legId: string): void {
  const leg = browserPhone.legs.value.find((one) => one.legId === legId);
  if (leg?.state === 'up') browserPhone.mute(legId, !leg.muted);
}

/** The keys of the call the bar is about, on every page. */
export function useCallShortcuts(): () => CallKeys {
  const one = (verb: CallVerb) =>
    useShortcut(
      infos[verb],
      () => {
        if (current.value) act(current.value, verb).catch(notify.error);
      },
      { enabled: () => current.value !== null && allowed[verb](current.value) },
    );
  const answer = one('answer');
  const reject = one('reject');
  const hold = one('hold');
  const resume = one('resume');
  const hangup = one('hangup');
  const mute = useShortcut(
    { id: 'telephony:mute', title: { 'zh-CN': '静音', en: 'Mute the microphone' }, default: 'Alt+M' },
    () => {
      if (current.value) toggleMute(current.value.legId);
    },
    { enabled: () => current.value !== null && browserPhone.has(current.value.legId) },
  );
  return () => ({
    answer: answer.combo(),
    reject: reject.combo(),
    hold: hold.combo(),
    resume: resume.combo(),
    hangup: hangup.combo(),
    mute: mute.combo(),
  });
}
