import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Clock } from '../../boot/clock.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { ChannelSnapshot, Resync, Switch } from '../switch/contract.ts';
import { CallActor } from './call-actor.ts';
import type { CallHost } from './call-host.ts';
import { type CallHandler, leadToItsEnd } from './call-owner.ts';
import { type CallState, callFromPark, findLeg, type LegEnd } from './call-state.ts';
import type { CallStore } from './call-store.ts';
import type { Call, CallChange, PlaceRequest } from './contract.ts';
import { type RegistrationChange, registrationOf } from './registration.ts';
import { planResync, type ResyncPlan } from './resync.ts';
import { makeReady, markCaller } from './take-up.ts';

export interface CallRegistryDeps {
  readonly node: Switch;
  readonly store: CallStore;
  readonly clock: Clock;
  readonly log: Logger;
  activePlugins(tenantId: string): ReadonlySet<string>;
  /** Every change of every call, in its call's scope; dispatches to the plugins' taps. */
  onChange(call: Call, change: CallChange): void;
}

export interface CallHandlers {
  readonly inbound: CallHandler;
  readonly resume: CallHandler;
}

/**
 * The live calls of one FreeSWITCH node. Gives each event to the call whose channel it names, makes calls of
 * channels that are nobody's, and after each resync puts right what the events did not tell.
 */
export class CallRegistry {
  readonly #deps: CallRegistryDeps;
  readonly #host: CallHost;
  readonly #calls = new Map<string, CallActor>();
  /** Id of the call by id of the leg. */
  readonly #byLeg = new Map<string, string>();
  readonly #handlers: CallHandlers;
  readonly #onRegistration: (change: RegistrationChange) => void;
  #unlisten: (() => void) | null = null;
  /** Calls of the server before us, until the first resync; one that was placed since has its owner already. */
  #stored: readonly CallActor[] = [];
  /** Resyncs are worked off one after the other. */
  #resyncing: Promise<void> = Promise.resolve();
  /** Calls whose owner gave up while the switch was away. */
  #afterResync: (() => void)[] = [];
  /** Events that arrive before the stored calls are there must wait for them. */
  #early: SwitchEvent[] | null = [];

  constructor(
    deps: CallRegistryDeps,
    handlers: CallHandlers,
    onRegistration: (change: RegistrationChange) => void,
  ) {
    this.#deps = deps;
    this.#handlers = handlers;
    this.#onRegistration = onRegistration;
    this.#host = {
      clock: deps.clock,
      log: deps.log,
      store: deps.store,
      node: deps.node,
      activePlugins: deps.activePlugins,
      claimLeg: (legId, callId) => this.#byLeg.set(legId, callId),
      releaseLeg: (legId) => this.#byLeg.delete(legId),
      dialling: new Set(),
      changed: (call, change) => deps.onChange(call, change),
    };
  }

  /** Reads the calls that were live when the server stopped, then listens. */
  async start(): Promise<void> {
    const states = await this.#deps.store.load(this.#deps.node.nodeId);
    this.#stored = states.map((state) => this.#adopt(state));
    this.#unlisten = this.#deps.node.listen({
      onEvent: (event) => this.#onEvent(event),
      onResync: (resync) => this.#onResync(resync),
      onState: (state) =>
        this.#deps.log.info({ switch: this.#deps.node.nodeId, ...state }, `switch ${state.state}`),
    });
  }

  /** Stops listening and stores what is known; the calls go on in FreeSWITCH. */
  async stop(): Promise<void> {
    this.#unlisten?.();
    await this.#resyncing;
    await Promise.allSettled([...this.#calls.values()].map(({ life }) => life.writer.flush()));
  }

  get(id: string): Call | undefined {
    return this.#calls.get(id)?.call;
  }

  active(): Call[] {
    return [...this.#calls.values()].map(({ call }) => call).filter((call) => call.endedAt === null);
  }

  async place(request: PlaceRequest, handler: CallHandler): Promise<Call> {
    const state: CallState = {
      id: ulid(this.#deps.clock.now()),
      tenantId: request.tenantId,
      nodeId: this.#deps.node.nodeId,
      direction: request.direction,
      from: request.from,
      to: request.to,
      startedAt: this.#deps.clock.now(),
      endedAt: null,
      cause: null,
      legs: [],
      position: request.position,
      activePlugins: [...this.#deps.activePlugins(request.tenantId)],
    };
    const actor = this.#adopt(state);
    await actor.life.writer.flush();
    this.#drive(actor, handler);
    return actor.call;
  }

  #adopt(state: CallState, variables: SwitchEvent | null = null): CallActor {
    const actor = new CallActor(this.#host, state, variables);
    this.#calls.set(state.id, actor);
    return actor;
  }

  #onEvent(event: SwitchEvent): void {
    if (event.name === 'CUSTOM') {
      const change = registrationOf(event);
      if (change) this.#onRegistration(change);
      return;
    }
    if (event.uuid === null) return;
    if (this.#early) {
      // Until the first resync, a stored call and a new one cannot be told apart.
      this.#early.push(event);
      return;
    }
    this.#deliver(event);
  }

  #deliver(event: SwitchEvent): void {
    const callId = this.#byLeg.get(event.uuid ?? '');
    if (callId !== undefined) this.#calls.get(callId)?.handleEvent(event);
    // PARK is not "a new call": only of a channel that nobody knows, and that nobody ever marked.
    else if (
      event.name === 'CHANNEL_PARK' &&
      event.get('Call-Direction') === 'inbound' &&
      !event.variable('jf_call')
    ) {
      this.#welcome(event);
    }
  }

  #welcome(event: SwitchEvent): void {
    const state = callFromPark(ulid(this.#deps.clock.now()), this.#deps.node.nodeId, event);
    const actor = this.#adopt(state, event);
    this.#drive(actor, async (call) => {
      await actor.life.writer.flush();
      await markCaller(this.#deps.node, state);
      await this.#handlers.inbound(call);
    });
  }

  /** Runs the owner of a call to its end, and forgets the call when both are over. */
  #drive(actor: CallActor, handler: CallHandler): void {
    const { log } = this.#deps;
    const run = async () => {
      await leadToItsEnd(actor, handler, {
        log,
        switchBack: () => this.#nextResync(),
        again: this.#again(actor),
      });
      this.#calls.delete(actor.state.id);
      await actor.forget();
    };
    run().catch((error: unknown) => {
      log.error({ err: error, callId: actor.state.id }, 'an ended call could not be cleared');
    });
  }

  /** Takes a call up that its owner led before, in this process or in one that is gone. */
  #again(actor: CallActor): CallHandler {
    return async (call) => {
      await makeReady(this.#deps.node, actor.state, this.#deps.log);
      await this.#handlers.resume(call);
    };
  }

  /** Resolves when what the switch says has been taken in; at once if it is back already. */
  async #nextResync(): Promise<void> {
    if (this.#deps.node.state.state === 'connected') await this.#resyncing;
    else await new Promise<void>((resolve) => this.#afterResync.push(resolve));
  }

  /** What lives is taken in at once: the events that came after it was read follow in this very turn. */
  #onResync(resync: Resync): void {
    const plan = planResync(
      [...this.#calls.values()].map(({ state }) => state),
      resync,
    );
    for (const { callId, legId, channel } of plan.present) {
      const actor = this.#calls.get(callId);
      // Who began the call has gone, and that this one was to end with him did not reach the switch.
      if (actor?.state.legs[0]?.state === 'ended') actor.doomed.hangUp(legId);
      else actor?.handleSnapshot(legId, answeredAt(channel), channel.bridgedTo);
    }
    if (!this.#early) this.#welcomeAll(plan.newcomers);
    this.#resyncing = this.#resyncing
      .then(() => this.#workOff(plan, resync))
      .catch((error: unknown) => {
        this.#deps.log.error({ err: error }, 'a resync failed; the next one repeats it');
      });
  }

  async #workOff(plan: ResyncPlan, resync: Resync): Promise<void> {
    await this.#closeLost(plan, resync);
    for (const channel of plan.strays) await this.#hangupStray(channel);
    if (this.#early) {
      for (const actor of this.#stored) this.#drive(actor, this.#again(actor));
      this.#stored = [];
      this.#welcomeAll(plan.newcomers);
      const early = this.#early;
      this.#early = null;
      for (const event of early) this.#deliver(event);
    }
    for (const go of this.#afterResync.splice(0)) go();
  }

  #welcomeAll(newcomers: readonly ChannelSnapshot[]): void {
    for (const { uuid, dump } of newcomers) {
      if (dump && !this.#byLeg.has(uuid)) this.#welcome(dump);
    }
  }

  async #closeLost(plan: ResyncPlan, resync: Resync): Promise<void> {
    for (const { callId, legId, receipt } of plan.lost) {
      const actor = this.#calls.get(callId);
      if (!actor) continue;
      if (receipt) {
        const { endedAt: at, answeredAt: answer, cause } = receipt;
        actor.handleLoss(legId, { at, answeredAt: answer, cause, endedBy: null });
        continue;
      }
      const leg = findLeg(actor.state, legId);
      const wasDialled = leg?.state === 'ringing' && leg.role !== 'caller';
      // The listing lags behind the events: ask for this one by name.
      if (resync.reason !== 'core-changed') {
        if (this.#host.dialling.has(legId)) continue;
        if ((await this.#deps.node.api(`uuid_exists ${legId}`)).trim() === 'true') continue;
        // One that had been there would have left a receipt.
        if (wasDialled) {
          actor.handleLoss(legId, lost(leg.createdAt));
          continue;
        }
      }
      actor.handleLoss(legId, lost(resync.lastAliveAt ?? this.#deps.clock.now()));
    }
  }

  async #hangupStray(channel: ChannelSnapshot): Promise<void> {
    this.#deps.log.warn({ leg: channel.uuid }, 'a channel of a call that is closed is hung up');
    await this.#deps.node.hangup(channel.uuid, 'NORMAL_CLEARING').catch(() => undefined);
  }
}

function lost(at: number): LegEnd {
  return { at, answeredAt: null, cause: 'SYSTEM_SHUTDOWN', endedBy: null };
}

function answeredAt(channel: ChannelSnapshot): number | null {
  const micros = Number(channel.dump?.get('Caller-Channel-Answered-Time'));
  return channel.answered && micros > 0 ? Math.round(micros / 1000) : null;
}
