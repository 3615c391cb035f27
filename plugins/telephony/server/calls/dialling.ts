import { type Call, JackfieldError, type PluginContext } from '@jackfield/core/sdk';
import type { Extensions } from '../extensions/extensions.ts';
import { checkDialable } from '../numbers/normalise.ts';
import type { Numbers } from '../numbers/numbers.ts';
import { entering } from './call-flow.ts';
import type { CallHandlers } from './call-handlers.ts';
import type { Phones } from './phones.ts';
import type { RecordKeeper } from './record-keeper.ts';

/** Seconds our own phone may ring before a call from the screen is given up. */
const OWN_RING_SEC = 25;

export interface Dialling {
  /**
   * Click-to-call: rings the agent's own phone, which picks up by itself if it can, then the number.
   * VALIDATION_FAILED for what is no number; CALL_STATE when the agent has no phone, is not registered or is in a
   * call. Returns the id of the call as soon as it is stored.
   */
  dial(userId: string, input: string): Promise<string>;
}

export function createDialling(deps: {
  readonly ctx: PluginContext;
  readonly extensions: Extensions;
  readonly numbers: Numbers;
  readonly phones: Phones;
  readonly keeper: RecordKeeper;
  readonly handlers: CallHandlers;
}): Dialling {
  const { ctx, extensions, numbers, phones, keeper, handlers } = deps;
  /** Between the check that an agent is free and the begin of his call: a double click must not dial twice. */
  const beginning = new Set<string>();

  async function begin(userId: string, input: string): Promise<string> {
    const typed = checkDialable(input, ctx.i18n.t);
    const own = await extensions.ofUser(userId);
    if (!own) throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.noExtension'));
    if (typed === own.number) throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.ownExtension'));
    if (phones.isBusy(userId)) throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.inCall'));
    if (!(await phones.isRegistered(own)))
      throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.notRegistered'));
    const colleague = await extensions.byNumber(typed);
    const to = colleague ? colleague.number : numbers.normalise(typed);
    const shown = colleague ? null : await numbers.outbound();
    const { id: tenantId } = await ctx.directory.tenant();
    const { name } = await ctx.directory.user(userId);
    const position = entering({ kind: 'outbound', target: { userId, number: to } });
    const direction = colleague ? 'internal' : 'outbound';
    const call = await ctx.calls.place(
      {
        tenantId,
        direction,
        from: { number: colleague ? own.number : (shown?.number ?? own.number), name },
        to,
        position: { ...position },
      },
      async (call) => {
        await keeper.open(call, { number: shown, direction });
        await ringOwnPhone(call, own, userId);
        if (call.endedAt === null) await handlers.lead(call, position);
        else await keeper.close(call);
      },
    );
    return call.id;
  }

  async function ringOwnPhone(
    call: Call,
    own: { readonly number: string; readonly domain: string },
    userId: string,
  ): Promise<void> {
    await call.dial({
      endpoint: `user/${own.number}@${own.domain}`,
      role: 'agent',
      userId,
      number: own.number,
      // What his phone shows is whom he calls.
      callerId: { number: call.to },
      timeoutSec: OWN_RING_SEC,
      autoAnswer: true,
    });
  }

  return {
    async dial(userId, input) {
      if (beginning.has(userId)) throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.inCall'));
      beginning.add(userId);
      try {
        return await begin(userId, input);
      } finally {
        beginning.delete(userId);
      }
    },
  };
}
