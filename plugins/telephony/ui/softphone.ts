import { api, type DialTarget } from '@jackfield/admin-ui/sdk';
import { computed, ref, shallowReactive } from 'vue';
import type { SoftphoneCall, SoftphoneState } from '../contract.ts';

/** The own phone as the server streams it; filled by the bar, which is always on the screen, and read by all. */
export const softphone = shallowReactive<
  { -readonly [K in keyof SoftphoneState]: SoftphoneState[K] } & { known: boolean }
>({
  known: false,
  extension: null,
  registered: false,
  calls: [],
});

export function takeSnapshot(state: SoftphoneState): void {
  Object.assign(softphone, state, { known: true });
}
export function takeMessage({ type, data }: { readonly type: string; readonly data: unknown }): void {
  if (type === 'phone' || type === 'calls') Object.assign(softphone, data as Partial<SoftphoneState>);
}

const order: readonly SoftphoneCall['state'][] = ['ringing', 'talking', 'connecting', 'dialling', 'held'];
/** The call the bar is about: one that rings wants an answer, then the one that is talking. */
export const current = computed<SoftphoneCall | null>(
  () =>
    [...softphone.calls].sort(
      (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.since - b.since,
    )[0] ?? null,
);

export async function dial(target: Pick<DialTarget, 'number' | 'ref'>): Promise<void> {
  await api.post('telephony/dial', target.ref ? { ref: target.ref } : { number: target.number });
}

export type CallVerb = 'answer' | 'reject' | 'hold' | 'resume' | 'hangup';
/** The verb that is under way; the buttons rest until it is done. */
export const pending = ref<CallVerb | null>(null);

export async function act(callId: string, verb: CallVerb): Promise<void> {
  if (pending.value !== null) return;
  pending.value = verb;
  try {
    await api.post(`telephony/calls/${callId}/${verb}`);
  } finally {
    pending.value = null;
  }
}

export async function press(callId: string, digits: string): Promise<void> {
  await api.post(`telephony/calls/${callId}/digits`, { digits });
}
