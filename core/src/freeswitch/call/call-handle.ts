import { JackfieldError } from '../../errors/index.ts';
import { isCallEnded } from './call-errors.ts';
import type { CallInside } from './call-inside.ts';
import { findLeg, held, type LegState, liveLegs, takePlace } from './call-state.ts';
import type {
  Call,
  CallChange,
  CallPosition,
  CollectRequest,
  CollectResult,
  Dial,
  DialResult,
  HangupCause,
  Leg,
  PlayResult,
} from './contract.ts';
import { dialLeg } from './dial-leg.ts';
import { callerOf, liveLeg } from './live-leg.ts';

/**
 * What plugins hold of a call: its state to read, and its commands, which are checked against that state here and
 * done and proven by the switch.
 */
export class CallHandle implements Call {
  readonly id: string;
  readonly direction: Call['direction'];
  readonly nodeId: string;
  readonly from: Call['from'];
  readonly to: string;
  readonly startedAt: number;
  readonly legs: readonly Leg[];
  readonly signal: AbortSignal;
  readonly #inside: CallInside;

  constructor(inside: CallInside) {
    const { state, life } = inside;
    this.id = state.id;
    this.direction = state.direction;
    this.nodeId = state.nodeId;
    this.from = state.from;
    this.to = state.to;
    this.startedAt = state.startedAt;
    this.legs = state.legs;
    this.signal = life.signal;
    this.#inside = inside;
  }

  get tenantId(): string | null {
    return this.#inside.state.tenantId;
  }
  get endedAt(): number | null {
    return this.#inside.state.endedAt;
  }
  get cause(): HangupCause | null {
    return this.#inside.state.cause;
  }
  get position(): CallPosition {
    return this.#inside.state.position;
  }
  get caller(): Leg {
    return callerOf(this.#inside.state);
  }

  variable(name: string): string | null {
    return this.#inside.variable(name);
  }

  isActive(pluginId: string): boolean {
    return this.#inside.life.scope.isActive(pluginId);
  }

  async assign(tenantId: string): Promise<void> {
    const { life } = this.#inside;
    life.scope.assign(tenantId);
    await life.writer.flush();
  }

  run<T>(fn: () => T): T {
    return this.#inside.life.scope.run(fn);
  }

  async savePosition(position: CallPosition): Promise<void> {
    const { state, life } = this.#inside;
    state.position = position;
    await life.writer.flush();
  }

  note(kind: string, data: Readonly<Record<string, unknown>>): void {
    const { life, host } = this.#inside;
    life.tell({ type: 'note', kind, data, at: host.clock.now() });
  }

  onChange(listener: (change: CallChange) => void): () => void {
    return this.#inside.life.onChange(listener);
  }

  async answer(): Promise<void> {
    const leg = this.#live(this.caller.id);
    if (leg.state === 'ringing') await this.#node.answer(leg.id);
  }

  async ringing(): Promise<void> {
    await this.#node.ringing(this.#live(this.caller.id).id);
  }

  async play(
    prompts: readonly string[],
    options: { leg?: string; loop?: boolean } = {},
  ): Promise<PlayResult> {
    const leg = this.#live(options.leg ?? this.caller.id);
    return await this.#node.play(leg.id, prompts, options.loop ? { loop: true } : {});
  }

  async stopMedia(legId?: string): Promise<void> {
    await this.#node.stopMedia(this.#live(legId ?? this.caller.id).id);
  }

  async collect(request: CollectRequest): Promise<CollectResult> {
    return await this.#node.collect(this.#live(this.caller.id).id, request);
  }

  dial(request: Dial): Promise<DialResult> {
    return dialLeg(this.#inside, request);
  }

  async bridge(a: string, b: string): Promise<void> {
    const first = this.#live(a);
    const second = this.#live(b);
    await Promise.all([this.#node.stopMedia(first.id), this.#node.stopMedia(second.id)]);
    await this.#node.bridge(first.id, second.id);
  }

  async hold(legId: string, music: readonly string[]): Promise<void> {
    const { state, host } = this.#inside;
    const leg = this.#live(legId);
    const partner = findLeg(state, leg.talksWith);
    if (!partner || leg.split) throw new JackfieldError('CALL_STATE', 'This leg has no talk to put on hold.');
    leg.split = true;
    partner.split = true;
    try {
      await this.#node.unbridge(leg.id);
    } catch (error) {
      leg.split = false;
      partner.split = false;
      throw error;
    }
    this.#inside.apply(held(partner, true, host.clock.now()));
    if (music.length > 0) {
      // Plays until `resume` or the end; its result is nobody's business.
      this.#node.play(partner.id, music, { loop: true }).catch((error: unknown) => {
        host.log.debug({ err: error, callId: this.id }, 'hold music ended');
      });
    }
  }

  async resume(legId: string): Promise<void> {
    const leg = this.#live(legId);
    const partner = findLeg(this.#inside.state, leg.talksWith);
    if (!partner || !leg.split) throw new JackfieldError('CALL_STATE', 'This talk is not on hold.');
    await this.bridge(leg.id, partner.id);
  }

  async handOver(fromId: string, toId: string): Promise<void> {
    const { state, life } = this.#inside;
    const from = this.#live(fromId);
    const to = this.#live(toId);
    if (to.state !== 'answered')
      throw new JackfieldError('CALL_STATE', 'The leg that is to take over rings.');
    const { talksWith } = from;
    takePlace(state, from, to);
    // Before the first one ends: a call whose first leg ends is over.
    await life.writer.flush();
    try {
      if (talksWith !== null) await this.bridge(talksWith, to.id);
    } finally {
      await this.hangupLeg(from.id);
    }
  }

  async startRecording(legId: string, path: string, options?: { mono?: boolean }): Promise<void> {
    await this.#node.startRecording(this.#live(legId).id, path, options);
  }

  async stopRecording(legId: string, path: string): Promise<void> {
    await this.#node.stopRecording(this.#live(legId).id, path);
  }

  async sendDigits(legId: string, digits: string): Promise<void> {
    await this.#node.sendDigits(this.#live(legId).id, digits);
  }

  async pickUp(legId: string): Promise<void> {
    await this.#node.pickUp(this.#live(legId).id);
  }

  async hangupLeg(legId: string, cause: HangupCause = 'NORMAL_CLEARING'): Promise<void> {
    const leg = findLeg(this.#inside.state, legId);
    if (leg && leg.state !== 'ended') await this.#node.hangup(leg.id, cause);
  }

  async hangup(cause: HangupCause = 'NORMAL_CLEARING'): Promise<void> {
    const results = await Promise.allSettled(
      liveLegs(this.#inside.state).map((leg) => this.hangupLeg(leg.id, cause)),
    );
    for (const result of results) {
      if (result.status === 'rejected' && !isCallEnded(result.reason)) throw result.reason;
    }
  }

  get #node() {
    return this.#inside.host.node;
  }

  #live(legId: string): LegState {
    return liveLeg(this.#inside.state, legId);
  }
}
