import { computed, shallowReactive } from 'vue';
import type { SoftphoneCall, SoftphoneState } from '../contract.ts';

/** The own phone as the server streams it; filled by the bar, which is always on the screen, and read by all. */
export const softphone = shallowReactive<
  { -readonly [K in keyof SoftphoneState]: SoftphoneState[K] } & { known: boolean }
>({
  known: false,
  extension: null,
  registered: false,
  device: 'desk',
  pageId: null,
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
