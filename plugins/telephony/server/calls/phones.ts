import type { Call, PluginContext } from '@jackfield/core/sdk';
import type { AgentRing, Prompt } from '../../contract.ts';
import type { ExtensionRow } from '../entities/extension.entity.ts';
import type { Extensions } from '../extensions/extensions.ts';
import { dialledForm } from '../numbers/dialled-form.ts';
import type { Numbers } from '../numbers/numbers.ts';
import { legOf } from './caller-user.ts';
import { ringAgent, ringOutcome } from './ring-agent.ts';

export interface RingRequest {
  readonly timeoutSec: number;
  readonly signal?: AbortSignal;
}

/** Ringing people and numbers for a call. */
export interface Phones {
  ringUser(call: Call, request: RingRequest & { readonly userId: string }): Promise<AgentRing>;
  ringExtension(call: Call, extension: ExtensionRow, request: RingRequest): Promise<AgentRing>;
  /** Over the trunk; `number` as normalised. */
  ringNumber(call: Call, number: string, request: RingRequest): Promise<AgentRing>;
  isRegistered(extension: ExtensionRow): Promise<boolean>;
  /** In a call of ours, ringing included. */
  isBusy(userId: string): boolean;
  /** What a caller hears who waits for an answer. Goes on until the two are joined, or `stop`. */
  ringback(call: Call): Promise<{ stop(): Promise<void> }>;
}

export function createPhones(deps: {
  readonly ctx: PluginContext;
  readonly extensions: Extensions;
  readonly numbers: Numbers;
  prompt(prompts: readonly Prompt[]): Promise<string[]>;
}): Phones {
  const { ctx, extensions, numbers } = deps;

  const isBusy = (userId: string, except?: Call) =>
    ctx.calls.active().some((call) => call !== except && legOf(call, userId) !== null);

  return {
    isBusy,
    isRegistered: async (extension) => {
      try {
        return await ctx.calls.isRegistered(extension.number, extension.domain);
      } catch (error) {
        // A switch that is away has no phones.
        ctx.log.debug({ err: error }, 'the registration of a phone is not known');
        return false;
      }
    },
    async ringUser(call, request) {
      const extension = await extensions.ofUser(request.userId);
      const phone = extension && { user: extension.number, domain: extension.domain };
      return await ringAgent(call, phone, request);
    },
    async ringExtension(call, extension, request) {
      const { userId, number, domain } = extension;
      if (userId !== null) {
        if (isBusy(userId, call)) return { outcome: 'busy', cause: 'USER_BUSY' };
        return await ringAgent(call, { user: number, domain }, { userId, ...request });
      }
      return await dialTarget(call, `user/${number}@${domain}`, number, call.from, request);
    },
    async ringNumber(call, number, request) {
      const gateway = ctx.settings.get<string>('outbound-gateway');
      const format = ctx.settings.get<'e164' | 'national'>('outbound-format');
      const region = ctx.settings.get<string>('region');
      const shown = await numbers.outbound();
      return await dialTarget(
        call,
        `sofia/gateway/${gateway}/${dialledForm(number, format, region)}`,
        number,
        { number: shown ? dialledForm(shown.number, format, region) : '' },
        request,
      );
    },
    async ringback(call) {
      if (call.caller.state === 'ringing') {
        await call.ringing();
        return { stop: async () => {} };
      }
      const tone = await deps.prompt([{ kind: 'tone', tone: 'ringback' }]);
      call.play(tone, { loop: true }).catch((error: unknown) => {
        ctx.log.debug({ err: error, callId: call.id }, 'the ringback tone ended');
      });
      return { stop: () => call.stopMedia() };
    },
  };

  async function dialTarget(
    call: Call,
    endpoint: string,
    number: string,
    callerId: { number: string; name?: string },
    { timeoutSec, signal }: RingRequest,
  ): Promise<AgentRing> {
    const result = await call.dial({
      endpoint,
      role: 'target',
      number,
      callerId,
      timeoutSec,
      ...(signal ? { signal } : {}),
    });
    if (result.outcome === 'answered') return { outcome: 'answered', leg: result.leg };
    return {
      outcome: signal?.aborted ? 'cancelled' : ringOutcome(result.cause),
      cause: result.cause,
    };
  }
}
