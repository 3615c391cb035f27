import { ApiError, api, type DialTarget, notify, pluginTexts } from '@jackfield/admin-ui/sdk';
import { ref } from 'vue';
import type { SoftphoneCall } from '../contract.ts';
import { browserPhone } from './browser-phone/browser-phone.ts';

export async function dial(target: Pick<DialTarget, 'number' | 'ref'>): Promise<void> {
  await api.post('telephony/dial', target.ref ? { ref: target.ref } : { number: target.number });
}

export type CallVerb = 'answer' | 'reject' | 'hold' | 'resume' | 'hangup';
/** What is under way; the buttons rest until it is done. `rejoin`: the sound of the talk is on its way to this page. */
export const pending = ref<CallVerb | 'rejoin' | null>(null);

export async function act(call: SoftphoneCall, verb: CallVerb): Promise<void> {
  if (pending.value !== null && !(pending.value === 'rejoin' && verb === 'hangup')) return;
  pending.value = verb;
  try {
    if (verb === 'answer' && browserPhone.has(call.legId)) await answerHere(call.legId);
    else await ask(call, verb);
  } finally {
    pending.value = null;
  }
}

/** The server does it, in the switch; without the server this page can still end its own call. */
async function ask({ callId, legId }: SoftphoneCall, verb: CallVerb): Promise<void> {
  try {
    await api.post(`telephony/calls/${callId}/${verb}`);
  } catch (error) {
    const isEnd = verb === 'hangup' || verb === 'reject';
    if (!isEnd || !browserPhone.has(legId) || !ApiError.is(error) || error.status !== 0) throw error;
    browserPhone.hangUp(legId);
  }
}

/** Says why it could not. The caller may have hung up in this moment: that is shown anyway. */
export async function answerHere(legId: string): Promise<void> {
  const cause = await browserPhone.answer(legId).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
  if (cause === null || cause === 'Canceled') return;
  const { t } = pluginTexts('telephony');
  notify.error(t(cause === 'User Denied Media Access' ? 'phone.noMicrophone' : 'phone.noSound'));
}

export async function press(callId: string, digits: string): Promise<void> {
  await api.post(`telephony/calls/${callId}/digits`, { digits });
}
