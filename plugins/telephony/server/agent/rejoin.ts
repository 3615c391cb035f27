import { type Call, JackfieldError, type Leg, type PluginContext } from '@jackfield/core/sdk';
import { partnerOf } from '../calls/caller-user.ts';
import type { Extensions } from '../extensions/extensions.ts';
import type { Prompts } from '../prompts/prompts.ts';

/** A page answers by itself, at once, or it is not there. */
const RING_SEC = 10;

/**
 * A page that was loaded anew has lost the sound of its talk, and another that has become the phone never had it: the
 * phone is rung once more, and the talk goes on there, on hold if it was. CALL_STATE unless his leg is answered and his
 * calls ring in a page, and when that does not pick up; the talk is then as it was.
 */
export function createRejoin(deps: {
  readonly ctx: PluginContext;
  readonly extensions: Extensions;
  readonly prompts: Prompts;
}): (call: Call, leg: Leg, userId: string) => Promise<void> {
  const { ctx, extensions, prompts } = deps;
  /** Legs that are being replaced: a second click must not ring a second time. */
  const lost = new Set<string>();

  async function rejoin(call: Call, leg: Leg, userId: string): Promise<void> {
    const extension = await extensions.ofUser(userId);
    if (leg.state !== 'answered' || extension?.device !== 'browser') throw new JackfieldError('CALL_STATE');
    const isOnHold = partnerOf(call, leg)?.held ?? false;
    const { number, domain } = extension;
    const rung = await call.dial({
      endpoint: `user/${number}@${domain}`,
      role: 'agent',
      userId,
      number,
      callerId: { number: leg === call.caller ? call.to : call.from.number },
      timeoutSec: RING_SEC,
      autoAnswer: true,
    });
    if (rung.outcome === 'failed') throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.notRejoined'));
    await call.handOver(leg.id, rung.leg.id);
    if (isOnHold) await call.hold(rung.leg.id, await prompts.paths([{ kind: 'tone', tone: 'music' }]));
  }

  return async (call, leg, userId) => {
    if (lost.has(leg.id)) throw new JackfieldError('CALL_STATE');
    lost.add(leg.id);
    try {
      await rejoin(call, leg, userId);
    } finally {
      lost.delete(leg.id);
    }
  };
}
