import { JackfieldError } from '../../errors/index.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { Timers } from './timers.ts';

export interface Expectation<T> {
  /** Channels whose events may prove it. A bridge is reported once, on its first leg: name both. */
  readonly channels: readonly string[];
  /** For messages: what is waited for. */
  readonly what: string;
  /** A value when this event proves it; undefined to go on waiting. */
  test(event: SwitchEvent): T | undefined;
  /** Asked when one of the channels hangs up (CHANNEL_HANGUP, then CHANNEL_HANGUP_COMPLETE). Default: CALL_ENDED. */
  ended?(event: SwitchEvent): T | undefined;
  /** Milliseconds until SWITCH_TIMEOUT; 0 for never. Default 10,000. */
  readonly timeoutMs?: number;
}

export interface Proof<T> {
  readonly promise: Promise<T>;
  settle(value: T): void;
  reject(error: Error): void;
}

interface Waiter {
  readonly channels: readonly string[];
  offer(event: SwitchEvent): void;
  reject(error: Error): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * What the commands wait for. FreeSWITCH answers `+OK` when it has queued a command, not when it has done it, so a
 * command says which event of which channel proves it, before it is sent.
 */
export class ProofBook {
  private readonly timers: Timers;
  private readonly byChannel = new Map<string, Set<Waiter>>();

  constructor(timers: Timers) {
    this.timers = timers;
  }

  expect<T>(expectation: Expectation<T>): Proof<T> {
    const { channels, what, timeoutMs = DEFAULT_TIMEOUT_MS } = expectation;
    let cancelTimer = (): void => {};
    let finish: { resolve(value: T): void; reject(error: Error): void };
    const promise = new Promise<T>((resolve, reject) => {
      finish = { resolve, reject };
    });
    promise.catch(() => {}); // whoever expects awaits it too, but perhaps after it has failed
    const close = (): void => {
      cancelTimer();
      for (const channel of channels) this.remove(channel, waiter);
    };
    const settle = (value: T): void => {
      close();
      finish.resolve(value);
    };
    const reject = (error: Error): void => {
      close();
      finish.reject(error);
    };
    const waiter: Waiter = {
      channels,
      reject,
      offer(event) {
        const value = expectation.test(event);
        if (value !== undefined) return settle(value);
        if (!isHangup(event) || !channels.includes(event.uuid ?? '')) return;
        if (!expectation.ended) return reject(callEnded(event.uuid ?? '', event.get('Hangup-Cause')));
        const last = expectation.ended(event);
        if (last !== undefined) settle(last);
      },
    };
    for (const channel of channels) this.add(channel, waiter);
    if (timeoutMs > 0) {
      const details = { what, channels, timeoutMs };
      cancelTimer = this.timers.after(timeoutMs, () =>
        reject(new JackfieldError('SWITCH_TIMEOUT', undefined, { details })),
      );
    }
    return { promise, settle, reject };
  }

  /** To be called for each event after the listeners have had it. */
  dispatch(event: SwitchEvent): void {
    const { uuid } = event;
    if (uuid === null || this.byChannel.size === 0) return;
    for (const waiter of [...(this.byChannel.get(uuid) ?? [])]) waiter.offer(event);
  }

  /** The channel is gone although no hangup of it was seen (found by a resync). */
  channelGone(uuid: string): void {
    for (const waiter of [...(this.byChannel.get(uuid) ?? [])]) waiter.reject(callEnded(uuid, null));
  }

  rejectAll(error: Error): void {
    for (const waiters of [...this.byChannel.values()])
      for (const waiter of [...waiters]) waiter.reject(error);
  }

  private add(channel: string, waiter: Waiter): void {
    const waiters = this.byChannel.get(channel);
    if (waiters) waiters.add(waiter);
    else this.byChannel.set(channel, new Set([waiter]));
  }

  private remove(channel: string, waiter: Waiter): void {
    const waiters = this.byChannel.get(channel);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.byChannel.delete(channel);
  }
}

export function isHangup(event: SwitchEvent): boolean {
  return event.name === 'CHANNEL_HANGUP' || event.name === 'CHANNEL_HANGUP_COMPLETE';
}

export function callEnded(uuid: string, cause: string | null): JackfieldError {
  return new JackfieldError('CALL_ENDED', undefined, {
    details: { uuid, ...(cause === null ? {} : { cause }) },
  });
}
