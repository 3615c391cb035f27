/** What this tab keeps over a reload: the call it is in. */
export interface CallRef {
  readonly id: string;
  readonly number: string;
  readonly hungUpHere: boolean;
}
/** What the next call, also in another tab, begins with. */
export interface Caller {
  readonly from: string;
  readonly name: string;
}

const CALL = 'jf.phone.call';
const CALLER = 'jf.phone.caller';
const LAST = 'jf.phone.last';
const MUTED = 'jf.phone.muted';

function read<T>(store: Storage, key: string): Partial<T> | null {
  try {
    const value: unknown = JSON.parse(store.getItem(key) ?? 'null');
    return typeof value === 'object' ? (value as Partial<T> | null) : null;
  } catch {
    return null;
  }
}

export function rememberedCall(): CallRef | null {
  const call = read<CallRef>(sessionStorage, CALL);
  return call?.id && call.number
    ? { id: call.id, number: call.number, hungUpHere: call.hungUpHere === true }
    : null;
}
export function rememberCall(call: CallRef | null): void {
  if (call) sessionStorage.setItem(CALL, JSON.stringify(call));
  else sessionStorage.removeItem(CALL);
}

/** The demo's best known customer calls, unless somebody else has called from this browser. */
export function rememberedCaller(): Caller {
  const caller = read<Caller>(localStorage, CALLER);
  return { from: caller?.from || '13800138000', name: caller?.name ?? '' };
}
export function rememberCaller(caller: Caller): void {
  localStorage.setItem(CALLER, JSON.stringify(caller));
}

export const lastNumber = () => localStorage.getItem(LAST) ?? '';
export const rememberNumber = (number: string) => localStorage.setItem(LAST, number);

export const isMuted = () => localStorage.getItem(MUTED) === '1';
export const rememberMuted = (muted: boolean) => localStorage.setItem(MUTED, muted ? '1' : '0');
