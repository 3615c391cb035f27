import { ApiError, api, notify, serverNow, useSession } from '@jackfield/admin-ui/sdk';
import { onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { BrowserPhoneAccount } from '../../contract.ts';
import { softphone } from '../softphone.ts';
import { lead } from './lead.ts';
import { askForMicrophone, type Microphone, watchMicrophone } from './microphone.ts';
import type { PageLeg, SipPhone } from './sip-phone.ts';

/**
 * `off`: not this agent's device · `insecure`: the page came over http, and browsers give no microphone to it ·
 * `tab`: another tab of this browser is the phone · `elsewhere`: another browser is · `microphone`: see `microphone` ·
 * `connecting` · `ready`
 */
export type BrowserPhoneState =
  | 'off'
  | 'insecure'
  | 'tab'
  | 'elsewhere'
  | 'microphone'
  | 'connecting'
  | 'ready';

const AGAIN_MS = 15_000;

/** This page, to the server. */
const pageId = crypto.randomUUID?.() ?? '';

const state = ref<BrowserPhoneState>('off');
const microphone = ref<Microphone>('granted');
const legs = shallowRef<readonly PageLeg[]>([]);
/** The phone while this page is it. */
let phone: SipPhone | null = null;
let claimAgain = () => {};
/** Is answered as soon as it rings. */
let expected: { readonly legId: string; readonly answer: (legId: string) => void } | null = null;

/** The workbench as a phone, for whoever shows or uses it. */
export const browserPhone = {
  state,
  microphone,
  legs,
  has: (legId: string): boolean => legs.value.some((leg) => leg.legId === legId),
  answer: async (legId: string): Promise<void> => await phone?.answer(legId),
  /** Answers the leg when it rings here: another tab was clicked, or its news came before its call. */
  answerWhenItRings(legId: string, answer: (legId: string) => void): void {
    if (phone === null) return;
    if (browserPhone.has(legId)) answer(legId);
    else expected = { legId, answer };
  },
  hangUp: (legId: string): void => phone?.hangUp(legId),
  mute: (legId: string, on: boolean): void => phone?.mute(legId, on),
  /** Takes the phone from another browser, or asks for the microphone once more. */
  useHere: (): void => claimAgain(),
};

/** Once, in a part of the screen that is always there: is the phone for as long as that is the agent's device. */
export function useBrowserPhone(): void {
  const { user } = useSession();
  let stop: (() => void) | null = null;
  watch(
    () =>
      softphone.device === 'browser' && softphone.extension && user.value
        ? `jackfield:phone:${user.value.id}:${softphone.extension.number}`
        : null,
    (name) => {
      stop?.();
      stop = null;
      state.value = 'off';
      if (name === null) return;
      if (!window.isSecureContext) {
        state.value = 'insecure';
        return;
      }
      state.value = 'tab';
      stop = lead(name, bePhone);
    },
    { immediate: true },
  );
  const warn = (event: BeforeUnloadEvent) => {
    if (legs.value.some((leg) => leg.state === 'up')) event.preventDefault();
  };
  addEventListener('beforeunload', warn);
  onScopeDispose(() => {
    stop?.();
    state.value = 'off';
    removeEventListener('beforeunload', warn);
  });
}

/** This page is the phone, until what it returns is called. */
function bePhone(): () => void {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Another browser is the phone now; a talk of ours may still go on. */
  let hasYielded = false;
  /** One attempt at a time; the newest counts. */
  let attempt = 0;

  const put = (next: BrowserPhoneState) => {
    if (!isOver) state.value = next;
  };
  const later = (ms: number, run: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  };
  function close(): void {
    clearTimeout(timer);
    phone?.stop();
    phone = null;
    legs.value = [];
  }

  async function begin(): Promise<void> {
    attempt += 1;
    hasYielded = false;
    const mine = attempt;
    const isStale = () => isOver || mine !== attempt;
    close();
    put('connecting');
    microphone.value = 'asking';
    const found = await askForMicrophone();
    if (isStale()) return;
    microphone.value = found;
    if (found !== 'granted') return put('microphone');
    try {
      const account = await claim();
      // Large, and of use only to who answers in the browser.
      const { createSipPhone } = await import('./sip-phone.ts');
      if (isStale()) return;
      phone = createSipPhone(account, {
        onLine(line) {
          if (isStale() || hasYielded) return;
          put(line === 'registered' ? 'ready' : 'connecting');
          if (line === 'refused') later(1_000, () => renew());
        },
        onLegs(now) {
          if (isStale()) return;
          legs.value = now;
          answerExpected();
          if (hasYielded && now.length === 0) close();
        },
      });
      renewBefore(account.goodUntil);
    } catch (error) {
      if (isStale()) return;
      tell(error);
      later(AGAIN_MS, () => void begin());
    }
  }

  async function renew(): Promise<void> {
    const mine = attempt;
    try {
      const account = await claim();
      if (isOver || mine !== attempt) return;
      phone?.renew(account);
      if (state.value !== 'ready') phone?.register();
      renewBefore(account.goodUntil);
    } catch (error) {
      if (isOver || mine !== attempt) return;
      tell(error);
      later(AGAIN_MS, () => void renew());
    }
  }

  const renewBefore = (goodUntil: number) => later((goodUntil - serverNow()) / 2, () => void renew());

  const undo = [
    watchMicrophone(() => {
      if (state.value === 'microphone') void begin();
    }),
    watch(
      () => softphone.pageId,
      (now, before) => {
        if (before !== pageId || now === null || now === pageId) return;
        hasYielded = true;
        clearTimeout(timer);
        // A talk goes on here: it is the next call that rings in the other browser.
        if (legs.value.length === 0) close();
        put('elsewhere');
      },
    ),
  ];
  claimAgain = () => void begin();
  void begin();
  return () => {
    isOver = true;
    claimAgain = () => {};
    for (const one of undo) one();
    close();
  };
}

const claim = () => api.post<BrowserPhoneAccount>('telephony/me/phone/page', { pageId });

function answerExpected(): void {
  if (!expected || !browserPhone.has(expected.legId)) return;
  const { legId, answer } = expected;
  expected = null;
  answer(legId);
}

/** A server that is away for a moment is shown by the shell already. */
function tell(error: unknown): void {
  if (ApiError.is(error) && error.status > 0 && error.status < 500) notify.error(error);
}
