/**
 * Callers on the list of VIPs, told when a call comes in and needed when it reaches a queue. Only until then: a
 * call that waits carries its priority in its position.
 */
export interface Vips {
  note(callId: string, vip: boolean): undefined;
  has(callId: string): boolean;
  forget(callId: string): void;
}

export function createVips(): Vips {
  const calls = new Set<string>();
  return {
    note(callId, vip) {
      if (vip) calls.add(callId);
      return undefined;
    },
    has: (callId) => calls.has(callId),
    forget: (callId) => void calls.delete(callId),
  };
}
