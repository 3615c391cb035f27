import type { AgentState } from '../../contract.ts';
import type { EngineAgent, EngineState } from '../engine/types.ts';

export type Device = AgentState['device'];
export interface DeviceState {
  readonly device: Device;
  readonly since: number;
}

/** What is shown of an agent: computed from the four axes, stored nowhere. */
export type ShownState =
  | 'signed-out'
  | 'talking'
  | 'ringing'
  | 'wrap-up'
  | 'break'
  /** In a call that no queue gave him. */
  | 'busy'
  /** Signed in, and his phone is not. */
  | 'unreachable'
  | 'idle';
export const SHOWN_STATES = [
  'idle',
  'ringing',
  'talking',
  'busy',
  'wrap-up',
  'break',
  'unreachable',
  'signed-out',
] as const satisfies readonly ShownState[];

export interface AgentView extends AgentState {
  readonly shown: ShownState;
  /** Begin of what is shown; epoch milliseconds. */
  readonly since: number;
  /** The contact he has or is being offered. */
  readonly contact: { readonly id: string; readonly queueId: string; readonly since: number } | null;
  readonly answered: number;
  readonly signedInAt: number;
}

export function agentView(state: EngineState, agent: EngineAgent, phone: DeviceState): AgentView {
  const { userId, presence, breakReason, presenceSince, wrapUp, idleSince, answered, signedInAt } = agent;
  const own = Object.values(state.contacts).filter((contact) => contact.agent === userId);
  const active = own.find((contact) => contact.state === 'active');
  const contact = active ?? own[0] ?? null;
  const [shown, since] = ((): [ShownState, number] => {
    if (contact) return [active ? 'talking' : 'ringing', contact.since];
    if (wrapUp) return ['wrap-up', wrapUp.since];
    if (presence === 'signed-out') return ['signed-out', presenceSince];
    if (phone.device === 'in-call' || phone.device === 'ringing') return ['busy', phone.since];
    if (presence === 'break') return ['break', presenceSince];
    if (phone.device === 'unregistered') return ['unreachable', Math.max(phone.since, presenceSince)];
    return ['idle', Math.max(idleSince, presenceSince)];
  })();
  return {
    userId,
    presence,
    breakReason,
    device: phone.device,
    work: own.map(({ id, weight, state: at }) => ({
      contactId: id,
      weight,
      state: at === 'active' ? 'active' : 'offered',
    })),
    wrapUp,
    presenceSince,
    idleSince,
    shown,
    since,
    contact: contact && { id: contact.id, queueId: contact.queueId, since: contact.since },
    answered,
    signedInAt,
  };
}
