import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { ApiError } from '../../sdk/api/api-error.ts';
import { api } from '../../sdk/api/index.ts';
import { endingOf, hear, newCall, type PhoneCall, type PhoneEvent } from './phone-call.ts';
import { type Caller, type CallRef, rememberCall, rememberedCall } from './remembered.ts';

const RETRY_MS = [500, 1_000, 2_000, 4_000];

/** `unknown`: not asked yet · `real`: the switch is a real one, and telephones are real too · `away`: no answer */
export type LineState = 'unknown' | 'ready' | 'real' | 'away';

const isLost = (error: unknown) => ApiError.is(error) && error.status === 404;
const isAway = (error: unknown) => ApiError.is(error) && (error.status === 0 || error.status >= 500);

/**
 * The customer's line: one call at a time, followed by long polls. The call goes on in the switch whatever happens
 * to this page; after a reload it is taken up from its first event.
 */
export function usePhone() {
  const line = ref<LineState>('unknown');
  const current = shallowRef<CallRef | null>(null);
  const call = shallowRef<PhoneCall>(newCall);
  const failure = shallowRef<unknown>(null);
  const reconnecting = ref(false);
  const dialling = ref(false);
  const pressed = ref('');
  let follower: AbortController | null = null;
  let keys: Promise<unknown> = Promise.resolve();

  async function check(): Promise<void> {
    try {
      await api.get('phone/line', { quiet401: true });
      line.value = 'ready';
    } catch (error) {
      line.value = isLost(error) ? 'real' : 'away';
    }
  }

  function take(ref: CallRef): void {
    follower?.abort();
    current.value = ref;
    call.value = newCall;
    pressed.value = '';
    rememberCall(ref);
    follower = new AbortController();
    void follow(ref.id, follower.signal);
  }

  async function follow(id: string, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted && call.value.phase !== 'ended'; ) {
      try {
        const { events } = await api.get<{ events: readonly PhoneEvent[] }>(`phone/calls/${id}/events`, {
          query: { since: call.value.seq },
          signal,
        });
        failures = 0;
        reconnecting.value = false;
        call.value = events.reduce(hear, call.value);
      } catch (error) {
        if (signal.aborted) return;
        // The server knows nothing of it: it was started anew, and its own switch with it.
        if (isLost(error)) {
          const at = Date.now();
          call.value = hear(call.value, { seq: call.value.seq + 1, at, type: 'ended', cause: 'LOST' });
          break;
        }
        reconnecting.value = true;
        await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 4_000, signal);
        failures += 1;
      }
    }
    reconnecting.value = false;
    if (!signal.aborted) rememberCall(null);
  }

  async function dial(number: string, caller: Caller): Promise<void> {
    if (dialling.value || active.value) return;
    dialling.value = true;
    failure.value = null;
    try {
      const { id } = await api.post<{ id: string }>('phone/calls', { number, ...caller }, { quiet401: true });
      line.value = 'ready';
      take({ id, number, hungUpHere: false });
    } catch (error) {
      failure.value = error;
      if (isLost(error)) line.value = 'real';
      else if (isAway(error)) line.value = 'away';
    } finally {
      dialling.value = false;
    }
  }

  /** Keys go out one after the other, in the order in which they were pressed. */
  function press(key: string): void {
    const ref = current.value;
    if (!ref || !active.value) return;
    pressed.value += key;
    keys = keys
      .then(() => api.post(`phone/calls/${ref.id}/digits`, { digits: key }))
      .catch((error: unknown) => {
        failure.value = error;
      });
  }

  async function hangUp(): Promise<void> {
    const ref = current.value;
    if (!ref || !active.value) return;
    failure.value = null;
    current.value = { ...ref, hungUpHere: true };
    rememberCall(current.value);
    try {
      await api.post(`phone/calls/${ref.id}/hangup`);
    } catch (error) {
      if (!isLost(error)) failure.value = error;
    }
  }

  const active = computed(() => current.value !== null && call.value.phase !== 'ended');
  const ending = computed(() =>
    current.value && call.value.phase === 'ended' ? endingOf(call.value, current.value.hungUpHere) : null,
  );

  const before = rememberedCall();
  if (before) take(before);
  void check();
  onScopeDispose(() => follower?.abort());

  return {
    line,
    check,
    current,
    call,
    active,
    ending,
    failure,
    reconnecting,
    dialling,
    pressed,
    dial,
    press,
    hangUp,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
