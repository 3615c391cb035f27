import { notify, type ShortcutInfo, useShortcut } from '@jackfield/admin-ui/sdk';
import type { SoftphoneCall } from '../contract.ts';
import { act, type CallVerb, current } from './softphone.ts';

const infos: Readonly<Record<CallVerb, ShortcutInfo>> = {
  answer: { id: 'telephony:answer', title: { 'zh-CN': '接听', en: 'Answer the call' }, default: 'Alt+A' },
  reject: { id: 'telephony:reject', title: { 'zh-CN': '拒接', en: 'Reject the call' }, default: 'Alt+X' },
  hold: { id: 'telephony:hold', title: { 'zh-CN': '保持', en: 'Hold the call' }, default: 'Alt+H' },
  resume: { id: 'telephony:resume', title: { 'zh-CN': '恢复通话', en: 'Resume the call' }, default: 'Alt+J' },
  hangup: { id: 'telephony:hangup', title: { 'zh-CN': '挂断', en: 'Hang up' }, default: 'Alt+E' },
};

export const allowed: Readonly<Record<CallVerb, (call: SoftphoneCall) => boolean>> = {
  answer: ({ state }) => state === 'ringing',
  reject: ({ state }) => state === 'ringing',
  hold: ({ state }) => state === 'talking',
  resume: ({ state }) => state === 'held',
  hangup: ({ state }) => state !== 'ringing',
};

/** The keys of the call the bar is about, on every page. */
export function useCallShortcuts(): () => Readonly<Record<CallVerb, string>> {
  const one = (verb: CallVerb) =>
    useShortcut(
      infos[verb],
      () => {
        if (current.value) act(current.value.callId, verb).catch(notify.error);
      },
      { enabled: () => current.value !== null && allowed[verb](current.value) },
    );
  const answer = one('answer');
  const reject = one('reject');
  const hold = one('hold');
  const resume = one('resume');
  const hangup = one('hangup');
  return () => ({
    answer: answer.combo(),
    reject: reject.combo(),
    hold: hold.combo(),
    resume: resume.combo(),
    hangup: hangup.combo(),
  });
}
