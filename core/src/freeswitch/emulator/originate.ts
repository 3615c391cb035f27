/** Making outbound legs: for `originate` and for the bridge application. */
import { answer, preAnswer, ringReady } from './answer.ts';
import { Channel, isTrue } from './channel.ts';
import { clockSecondsMs } from './clock.ts';
import { type DialGroup, type DialLeg, parseDialString } from './dial-string.ts';
import { type Endpoint, resolveEndpoint } from './endpoints.ts';
import { runMessages } from './execute.ts';
import { codecEvent } from './leg.ts';
import { startSession } from './session.ts';
import { outboundSdpVariables, outboundVariables } from './sip-variables.ts';
import type { SwitchCore } from './switch-core.ts';

export interface OriginateCall {
  readonly dialString: string;
  /** The channel that runs `bridge`; null for the api command. Its thread waits here. */
  readonly caller: Channel | null;
  readonly callerIdName?: string;
  readonly callerIdNumber?: string;
  /** Seconds; 60 when nothing says otherwise. */
  readonly timeoutSec?: number;
}

export type OriginateOutcome =
  | { readonly leg: Channel; readonly cause: null; readonly tried: readonly Channel[] }
  | { readonly leg: null; readonly cause: string; readonly tried: readonly Channel[] };

const DEFAULT_TIMEOUT_SEC = 60;

/** Rings and waits until a leg answers (or has early media, unless that is ignored), or all have failed. */
export async function originate(core: SwitchCore, call: OriginateCall): Promise<OriginateOutcome> {
  const plan = parseDialString(call.dialString);
  if (!plan) return failed('DESTINATION_OUT_OF_ORDER');
  if (core.paused || core.shuttingDown) return failed('DESTINATION_OUT_OF_ORDER');
  if (plan.groups.length === 0) return failed('DESTINATION_OUT_OF_ORDER');
  const shared = new Map(plan.variables);
  if (plan.groups.length === 1) {
    return new Attempt(core, call, shared, plan.groups[0] ?? []).run();
  }
  return race(plan.groups.map((group) => new Attempt(core, call, shared, group)));
}

function failed(cause: string, tried: readonly Channel[] = []): OriginateOutcome {
  return { leg: null, cause, tried };
}

/** `:_:`: each group for itself; the first that has a leg ends the others. */
async function race(attempts: readonly Attempt[]): Promise<OriginateOutcome> {
  const outcomes = attempts.map((attempt) => attempt.run());
  const first = await new Promise<OriginateOutcome>((resolve) => {
    let left = outcomes.length;
    for (const outcome of outcomes) {
      void outcome.then((result) => {
        left--;
        if (result.leg || left === 0) resolve(result);
      });
    }
  });
  for (const attempt of attempts) attempt.lose(first.leg);
  return first;
}

class Attempt {
  readonly #core: SwitchCore;
  readonly #call: OriginateCall;
  readonly #shared: ReadonlyMap<string, string>;
  readonly #group: DialGroup;
  readonly #tried: Channel[] = [];
  #lost = false;
  #wake: (() => void) | null = null;

  constructor(core: SwitchCore, call: OriginateCall, shared: ReadonlyMap<string, string>, group: DialGroup) {
    this.#core = core;
    this.#call = call;
    this.#shared = shared;
    this.#group = group;
  }

  /** Another attempt has won with that leg. */
  lose(winner: Channel | null): void {
    this.#lost = true;
    for (const leg of this.#tried) if (leg !== winner && !leg.answered) loseRace(leg);
    this.#wake?.();
  }

  async run(): Promise<OriginateOutcome> {
    const several = this.#group.length > 1 || (this.#group[0]?.length ?? 0) > 1;
    let cause = 'NORMAL_CLEARING';
    for (const legs of this.#group) {
      if (this.#lost) return failed('LOSE_RACE', this.#tried);
      const outcome = await this.#ring(legs, several);
      if (outcome.leg) return outcome;
      cause = outcome.cause ?? cause;
      if (this.#call.caller && !this.#call.caller.ready) break;
    }
    return failed(cause, this.#tried);
  }

  async #ring(dialLegs: readonly DialLeg[], several: boolean): Promise<OriginateOutcome> {
    const legs: Channel[] = [];
    const singleUsers = new Set<Channel>();
    let cause = 'DESTINATION_OUT_OF_ORDER';
    let timeoutSec = this.#call.timeoutSec ?? DEFAULT_TIMEOUT_SEC;
    const legTimeouts = new Map<Channel, number>();
    let ignoreEarly = false;
    for (const dial of dialLegs) {
      const variables = new Map([...this.#shared, ...dial.variables]);
      const seconds = variables.get('originate_timeout') ?? variables.get('call_timeout');
      if (seconds !== undefined) timeoutSec = Number(seconds) || timeoutSec;
      else if (dial.endpoint.startsWith('user/')) timeoutSec = DEFAULT_TIMEOUT_SEC;
      if (isTrue(variables.get('ignore_early_media') ?? null)) ignoreEarly = true;
      const endpoint = resolveEndpoint(this.#core, dial.endpoint);
      if (endpoint.kind === 'failed') {
        cause = endpoint.cause;
        continue;
      }
      const wanted = variables.get('origination_uuid');
      if (wanted !== undefined && this.#core.channels.has(wanted)) {
        cause = 'DESTINATION_OUT_OF_ORDER';
        continue;
      }
      const leg = this.#newLeg(endpoint, variables, wanted ?? this.#core.newUuid());
      legs.push(leg);
      this.#tried.push(leg);
      const legTimeout = variables.get('leg_timeout');
      if (legTimeout !== undefined) legTimeouts.set(leg, Number(legTimeout));
      // the user endpoint reports the leg once more: at once in a list, else after the answer
      if (endpoint.user && several) {
        leg.fire('CHANNEL_OUTGOING');
        this.#core.phones.directoryVariables(leg);
      } else if (endpoint.user) singleUsers.add(leg);
    }
    if (legs.length === 0) return failed(cause, this.#tried);
    const first = legs[0];
    if (this.#call.caller && first) showCallee(this.#call.caller, first);
    for (const leg of legs) startSession(leg);
    for (const leg of legs) leg.farEnd.ring(leg);
    const winner = await this.#waitForOne(legs, { timeoutSec, legTimeouts, ignoreEarly });
    const lastCause = legs.findLast((leg) => leg.hungUp)?.hangupCause ?? cause;
    if (!winner) return failed(lastCause, this.#tried);
    for (const leg of legs) if (leg !== winner) loseRace(leg);
    // what execute_on_answer queued runs before the leg goes on (trace 15 D)
    await runMessages(winner);
    const caller = this.#call.caller;
    if (caller && winner.answered && !caller.answered && !caller.hungUp) {
      // both are answered together
      answer(caller);
    }
    if (caller?.callState === 'RING_WAIT') caller.setCallState('ACTIVE');
    if (singleUsers.has(winner)) winner.fire('CHANNEL_OUTGOING');
    if (winner.get('dialed_user') !== null) this.#core.phones.directoryVariables(winner);
    return { leg: winner, cause: null, tried: this.#tried };
  }

  #newLeg(
    endpoint: Extract<Endpoint, { kind: 'leg' }>,
    variables: Map<string, string>,
    uuid: string,
  ): Channel {
    const caller = this.#call.caller;
    const number =
      variables.get('origination_caller_id_number') ??
      this.#call.callerIdNumber ??
      caller?.get('effective_caller_id_number') ??
      caller?.profile.callerIdNumber ??
      '0000000000';
    const name =
      variables.get('origination_caller_id_name') ??
      this.#call.callerIdName ??
      caller?.get('effective_caller_id_name') ??
      caller?.profile.callerIdName ??
      '';
    const leg = new Channel(this.#core, {
      uuid,
      direction: 'outbound',
      name: endpoint.channelName,
      farEnd: endpoint.farEnd,
      ...(endpoint.presenceId === null ? {} : { presenceId: endpoint.presenceId }),
      profile: {
        direction: 'outbound',
        logicalDirection: 'outbound',
        username: caller?.profile.username ?? '',
        dialplan: caller?.profile.dialplan ?? '',
        callerIdName: name,
        callerIdNumber: number,
        origCallerIdName: name,
        origCallerIdNumber: number,
        calleeIdName: 'Outbound Call',
        calleeIdNumber: endpoint.destination,
        networkAddr: caller?.profile.networkAddr ?? '',
        ani: caller?.profile.ani ?? number,
        destinationNumber: endpoint.destination,
        source: caller?.profile.source ?? 'src/switch_ivr_originate.c',
        transferSource: '',
        context: caller?.profile.context ?? 'default',
        rdnis: '',
      },
    });
    leg.state = 'CS_INIT';
    leg.runningState = 'CS_NONE';
    leg.fire('CHANNEL_OUTGOING');
    outboundVariables(leg, endpoint.sip);
    if (caller) {
      leg.setAll({ max_forwards: 69, originator_codec: 'PCMA@8000h@20i', originator: caller.uuid });
      leg.setOtherLeg('originator', caller);
      leg.set('originating_leg_uuid', caller.uuid);
    }
    for (const [key, value] of variables) leg.set(key, value);
    if (endpoint.user) {
      leg.setAll({ dialed_user: endpoint.user.name, dialed_domain: endpoint.user.domain });
      leg.setAll({ sip_invite_domain: endpoint.user.domain });
      leg.set('presence_id', `${endpoint.user.name}@${endpoint.user.domain}`);
    }
    leg.set('originate_early_media', isTrue(variables.get('ignore_early_media') ?? null) ? 'false' : 'true');
    leg.set('originate_endpoint', 'sofia');
    outboundSdpVariables(leg, endpoint.sip);
    return leg;
  }

  /** On the thread of the caller if there is one: it goes on obeying commands meanwhile (trace 17 B). */
  async #waitForOne(
    legs: readonly Channel[],
    rules: { timeoutSec: number; legTimeouts: ReadonlyMap<Channel, number>; ignoreEarly: boolean },
  ): Promise<Channel | null> {
    const { clock } = this.#core;
    const caller = this.#call.caller;
    let timedOut = false;
    let notify: () => void = () => {};
    this.#wake = () => notify();
    const timers = [
      clock.after(clockSecondsMs(clock, rules.timeoutSec), () => {
        timedOut = true;
        notify();
      }),
    ];
    for (const [leg, seconds] of rules.legTimeouts) {
      timers.push(clock.after(clockSecondsMs(clock, seconds), () => leg.hangup('NO_ANSWER')));
    }
    const shown = new Set<string>();
    try {
      for (;;) {
        const winner = legs.find(
          (leg) => !leg.hungUp && (leg.answered || (leg.earlyMedia && !rules.ignoreEarly)),
        );
        if (winner) return winner;
        if (legs.every((leg) => leg.hungUp) || this.#lost) return null;
        if (caller && !caller.ready) {
          for (const leg of legs) leg.hangup('ORIGINATOR_CANCEL');
          return null;
        }
        if (timedOut) {
          for (const leg of legs) leg.hangup('NO_ANSWER');
          return null;
        }
        if (caller) showProgress(caller, legs, shown);
        const changed = new Promise<void>((resolve) => {
          notify = resolve;
          for (const leg of legs) leg.onProgress = resolve;
        });
        if (caller) {
          await runMessages(caller);
          if (!caller.ready || legs.some((leg) => leg.hungUp || leg.mediaUp) || timedOut) continue;
          while (caller.digits.length > 0) caller.takeDigit();
          caller.breakRequest = 'none';
          void changed.then(() => caller.interrupt());
          await caller.idle();
        } else {
          await changed;
        }
      }
    } finally {
      for (const timer of timers) timer.cancel();
      for (const leg of legs) leg.onProgress = null;
      this.#wake = null;
      if (caller && shown.has('ringback') && !caller.hungUp) codecEvent(caller);
    }
  }
}

function loseRace(leg: Channel): void {
  if (!leg.hungUp) leg.set('group_dial_status', 'loser');
  leg.hangup('LOSE_RACE');
}

/** The caller's side knows from the start who is called. */
function showCallee(caller: Channel, leg: Channel): void {
  caller.profile.calleeIdName = leg.profile.calleeIdName;
  caller.profile.calleeIdNumber = leg.profile.calleeIdNumber;
  caller.set('originate_signal_bond', leg.uuid);
}

/** What the far end of the new leg does is passed on to a caller that is not answered yet. */
function showProgress(caller: Channel, legs: readonly Channel[], shown: Set<string>): void {
  if (caller.answered) {
    if (caller.callState === 'ACTIVE') caller.setCallState('RING_WAIT');
    return;
  }
  if (legs.some((leg) => leg.earlyMedia)) preAnswer(caller);
  else if (legs.some((leg) => leg.ringReady) && !shown.has('ring')) {
    shown.add('ring');
    if (caller.get('ringback') === null) {
      ringReady(caller);
      return;
    }
    preAnswer(caller);
    codecEvent(caller);
    shown.add('ringback');
  }
}
