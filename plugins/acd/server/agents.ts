import { JackfieldError, type PluginContext } from '@jackfield/core/sdk';
import type { Presence } from './engine/types.ts';
import type { AgentView } from './runtime/agent-view.ts';
import type { Runtimes } from './runtime/runtimes.ts';

/** What people do with agents, themselves or as their supervisors. */
export interface Agents {
  /** Null of somebody who has never signed in. */
  view(userId: string): Promise<AgentView | null>;
  /** VALIDATION_FAILED for a break without a reason of the tenant's list. */
  setPresence(userId: string, presence: Presence, breakReason: string | null): Promise<AgentView>;
  /** Does nothing when there is none. */
  endWrapUp(userId: string): Promise<AgentView | null>;
  breakReasons(): readonly string[];
}

export function createAgents(ctx: PluginContext, runtimes: Runtimes): Agents {
  const breakReasons = () => ctx.settings.get<readonly string[]>('break-reasons');

  return {
    breakReasons,
    async view(userId) {
      const { runtime } = await runtimes.current();
      return runtime.agentView(userId);
    },
    async setPresence(userId, presence, breakReason) {
      if (presence === 'break' && !(breakReason !== null && breakReasons().includes(breakReason))) {
        const errors = [{ path: 'body.breakReason', message: ctx.i18n.t('error.breakReason') }];
        throw new JackfieldError('VALIDATION_FAILED', undefined, { details: { errors } });
      }
      const { runtime, devices, absence } = await runtimes.current();
      await runtime.admit(userId);
      // Before he is available: a phone that has not been looked at cannot ring.
      if (presence !== 'signed-out') await devices.check(userId);
      await runtime.send({ type: 'presence', userId, presence, reason: breakReason });
      // Signed in without a browser, by key: nobody would ever notice that he has gone.
      if (presence !== 'signed-out' && !ctx.realtime.isConnected(userId)) absence.left(userId);
      const view = runtime.agentView(userId);
      if (!view) throw new JackfieldError('UNAVAILABLE');
      return view;
    },
    async endWrapUp(userId) {
      const { runtime } = await runtimes.current();
      await runtime.send({ type: 'wrap-up-ended', userId });
      return runtime.agentView(userId);
    },
  };
}
