import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Clock } from '../../boot/clock.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { ChannelSnapshot, Resync, Switch } from '../switch/contract.ts';
import { receiptVariables } from '../switch/receipts.ts';
import { CallActor, type CallHost, isCallEnded, isSwitchAway } from './call-actor.ts';
import { type CallState, callFromPark, liveLegs } from './call-state.ts';
import type { CallStore } from './call-store.ts';
import type { Call, CallChange, PlaceRequest } from './contract.ts';
import { planResync, type ResyncPlan } from './resync.ts';

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
  inbound(call: Call): Promise<void>;
  resume(call: Call): Promise<void>;
}

export interface RegistrationChange {
  readonly user: string;
  readonly domain: string;
  readonly registered: boolean;
}

/**
 * The live calls of one FreeSWITCH node. Gives each event to the call whose channel it names, makes calls of
 * channels that are nobody's, and after each resync puts right what the events did not tell.
 */
export class CallRegistry {
  readonly #deps: CallRegistryDeps;
  readonly #host: CallHost;
  readonly #calls = new Map<string, CallActor>();
  readonly #states = new Map<string, CallState>();
  readonly #byLeg = new Map<string, CallActor>();
  readonly #handlers: CallHandlers;
  readonly #onRegistration: (change: RegistrationChange) => void;
  #unlisten: (() => void) | null = null;
  #loaded: Promise<void> | null = null;
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
      claimLeg: (legId, actor) => this.#byLeg.set(legId, actor),
      releaseLeg: (legId) => this.#byLeg.delete(legId),
      changed: (actor, change) => deps.onChange(actor, change),
    };
  }

  /** Reads the calls that were live when the server stopped, then listens. */
  async start(): Promise<void> {
    this.#loaded = this.#deps.store.load(this.#deps.node.nodeId).then((states) => {
      for (const state of states) this.#adopt(state);
    });
    await this.#loaded;
    this.#unlisten = this.#deps.node.listen({
      onEvent: (event) => this.#onEvent(event),
      onResync: (resync) => {
        this.#resyncing = this.#resyncing
          .then(() => this.#onResync(resync))
          .catch((error: unknown) => {
            this.#deps.log.error({ err: error }, 'a resync failed; the next one repeats it');
          });
      },
      onState: (state) =>
        this.#deps.log.info({ switch: this.#deps.node.nodeId, ...state }, `switch ${state.state}`),
    });
  }

  /** Stops listening and stores what is known; the calls go on in FreeSWITCH. */
  async stop(): Promise<void> {
    this.#unlisten?.();
    await this.#resyncing;
    await Promise.allSettled([...this.#calls.values()].map((call) => call.saved()));
  }

  get(id: string): CallActor | undefined {
    return this.#calls.get(id);
  }

  active(): CallActor[] {
    return [...this.#calls.values()].filter((call) => call.endedAt === null);
  }

  async place(request: PlaceRequest, handler: (call: Call) => Promise<void>): Promise<Call> {
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
    await actor.saved();
    this.#drive(actor, handler);
    return actor;
  }

  #adopt(state: CallState, variables: SwitchEvent | null = null): CallActor {
    const actor = new CallActor(this.#host, state, variables);
    this.#calls.set(state.id, actor);
    this.#states.set(state.id, state);
    return actor;
  }

  #onEvent(event: SwitchEvent): void {
    if (event.name === 'CUSTOM') {
      this.#onCustom(event);
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
    const uuid = event.uuid ?? '';
    const actor = this.#byLeg.get(uuid);
    if (actor) actor.handleEvent(event);
    // PARK is not "a new call": only of a channel that nobody knows, and that nobody ever marked.
    else if (
      event.name === 'CHANNEL_PARK' &&
      event.get('Call-Direction') === 'inbound' &&
      !event.variable('jf_call')
    ) {
      this.#welcome(event);
    }
  }

  #onCustom(event: SwitchEvent): void {
    const registered = event.subclass === 'sofia::register';
    if (!registered && event.subclass !== 'sofia::unregister' && event.subclass !== 'sofia::expire') return;
    // Each of the three names its user and domain differently.
    const user = event.get('from-user') ?? event.get('user');
    const domain = event.get('domain_name') ?? event.get('from-host') ?? event.get('host');
    if (user && domain) this.#onRegistration({ user, domain, registered });
  }

  #welcome(event: SwitchEvent): void {
    const state = callFromPark(ulid(this.#deps.clock.now()), this.#deps.node.nodeId, event);
    const actor = this.#adopt(state, event);
    this.#drive(actor, async (call) => {
      await actor.saved();
      await this.#mark(state);
      await this.#handlers.inbound(call);
    });
  }

  /** What a channel that came in must carry so that another server can take the call up. */
  async #mark({ id, legs: [caller] }: CallState): Promise<void> {
    if (caller?.role !== 'caller' || caller.state === 'ended') return;
    try {
      await this.#deps.node.setVariables(caller.id, {
        jf_call: id,
        jf_leg: 'caller',
        ...receiptVariables(caller.id),
        park_after_bridge: 'true',
        hangup_after_bridge: 'false',
      });
    } catch (error) {
      // He hung up at once: that too is a call, and its owner records it.
      if (!isCallEnded(error)) throw error;
    }
  }

  /** Runs the owner of a call to its end, and forgets the call when both are over. */
  #drive(actor: CallActor, handler: (call: Call) => Promise<void>): void {
    const run = async () => {
      let next = handler;
      while (await this.#failsForTheSwitch(actor, next)) {
        await this.#nextResync();
        next = this.#again(actor);
      }
      if (actor.endedAt === null) {
        await actor.hangup('NORMAL_TEMPORARY_FAILURE').catch((error: unknown) => {
          this.#deps.log.warn(
            { err: error, callId: actor.id },
            'a call without a handler could not be hung up',
          );
        });
        actor.close('NORMAL_TEMPORARY_FAILURE');
      }
      await actor.ended();
      this.#calls.delete(actor.id);
      this.#states.delete(actor.id);
      await actor.forget();
    };
    run().catch((error: unknown) => {
      this.#deps.log.error({ err: error, callId: actor.id }, 'an ended call could not be cleared');
    });
  }

  /**
   * True when the handler gave up because the switch was away, and the call goes on: it is handed to its owner again
   * when the switch is back, as after a restart.
   */
  async #failsForTheSwitch(actor: CallActor, handler: (call: Call) => Promise<void>): Promise<boolean> {
    try {
      await actor.run(() => handler(actor));
    } catch (error) {
      if (isSwitchAway(error) && actor.endedAt === null) {
        this.#deps.log.warn({ callId: actor.id }, 'a call waits for the switch to come back');
        return true;
      }
      if (!isCallEnded(error)) {
        this.#deps.log.error({ err: error, callId: actor.id }, 'the handler of a call failed');
      }
    }
    return false;
  }

  /** Takes a call up that its owner led before, in this process or in one that is gone. */
  #again(actor: CallActor): (call: Call) => Promise<void> {
    return async (call) => {
      const state = this.#states.get(actor.id);
      if (state) await this.#prepare(state);
      await this.#handlers.resume(call);
    };
  }

  /** Resolves when what the switch says has been taken in; at once if it is back already. */
  async #nextResync(): Promise<void> {
    if (this.#deps.node.state.state === 'connected') await this.#resyncing;
    else await new Promise<void>((resolve) => this.#afterResync.push(resolve));
  }

  async #onResync(resync: Resync): Promise<void> {
    await this.#loaded;
    const first = this.#early !== null;
    const plan = planResync([...this.#states.values()], resync);
    for (const { callId, legId, channel } of plan.present) {
      this.#calls.get(callId)?.handleSnapshot(legId, answeredAt(channel), channel.bridgedTo);
    }
    await this.#closeLost(plan, resync);
    for (const channel of plan.strays) await this.#hangupStray(channel);

    if (first) this.#resumeStored();
    for (const channel of plan.newcomers) {
      if (channel.dump && !this.#byLeg.has(channel.uuid)) this.#welcome(channel.dump);
    }
    const early = this.#early ?? [];
    this.#early = null;
    for (const event of early) this.#deliver(event);
    for (const go of this.#afterResync.splice(0)) go();
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
      // The listing lags behind the events, and an originate may be on its way: ask for this one by name.
      if (resync.reason !== 'core-changed') {
        const leg = actor.legs.find((one) => one.id === legId);
        if (leg?.state === 'ringing' && this.#early === null) continue;
        if ((await this.#deps.node.api(`uuid_exists ${legId}`)).trim() === 'true') continue;
      }
      const at = resync.lastAliveAt ?? this.#deps.clock.now();
      actor.handleLoss(legId, { at, answeredAt: null, cause: 'SYSTEM_SHUTDOWN', endedBy: null });
    }
  }

  async #hangupStray(channel: ChannelSnapshot): Promise<void> {
    this.#deps.log.warn({ leg: channel.uuid }, 'a channel of a call that is closed is hung up');
    await this.#deps.node.hangup(channel.uuid, 'NORMAL_CLEARING').catch(() => undefined);
  }

  #resumeStored(): void {
    for (const actor of [...this.#calls.values()]) {
      if (this.#states.has(actor.id)) this.#drive(actor, this.#again(actor));
    }
  }

  /**
   * Makes a call ready for its owner. A leg that rang, or had answered and talked to nobody, belonged to a command
   * whose maker is gone: it is hung up, so that the owner finds the caller and those it talks with. A caller who waits
   * alone may still hear, or be asked for keys by, what was begun for him before: that ends too.
   */
  async #prepare(state: CallState): Promise<void> {
    const { node, log } = this.#deps;
    const caller = state.legs[0];
    for (const leg of liveLegs(state)) {
      if (leg === caller || leg.talksWith !== null) continue;
      node.hangup(leg.id, 'LOSE_RACE').catch((error: unknown) => {
        log.debug({ err: error, leg: leg.id }, 'left-over leg not hung up');
      });
    }
    if (!caller || caller.state === 'ended' || caller.talksWith !== null) return;
    try {
      await this.#mark(state);
      await node.clearMedia(caller.id);
    } catch (error) {
      if (isSwitchAway(error)) throw error;
      log.debug({ err: error, callId: state.id }, 'a caller could not be made ready');
    }
  }
}

function answeredAt(channel: ChannelSnapshot): number | null {
  const micros = Number(channel.dump?.get('Caller-Channel-Answered-Time'));
  return channel.answered && micros > 0 ? Math.round(micros / 1000) : null;
}
