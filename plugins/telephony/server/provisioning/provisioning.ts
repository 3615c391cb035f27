import type { PluginContext } from '@jackfield/core/sdk';
import type { Extensions } from '../extensions/extensions.ts';

const NETWORKS = 'carrier-networks';
/** One for the installation: which carrier a call came over is not told apart by address. */
const CARRIER_ID = 'carrier';

/** Answers the switch: whose phone registers, and who may call in. */
export function answerSwitch(ctx: PluginContext, extensions: Extensions): void {
  ctx.hooks.on('switch:user', async ({ user, domain }) => {
    const extension = await extensions.byNumber(user);
    // The tenant is found by the first label alone; the digest is over the whole domain.
    if (!extension || extension.domain.toLowerCase() !== domain.toLowerCase()) return undefined;
    return { a1Hash: extension.a1Hash };
  });
  ctx.hooks.on('switch:carriers', ({ carriers }) => {
    const networks = ctx.settings
      .get<string>(NETWORKS)
      .split(/[\s,]+/)
      .filter(Boolean);
    // The same answer in every tenant: the first one gives it.
    if (networks.length === 0 || carriers.some(({ id }) => id === CARRIER_ID)) return undefined;
    return { carriers: [...carriers, { id: CARRIER_ID, networks }] };
  });
  ctx.settings.onChange(({ key }) => {
    if (key !== NETWORKS) return;
    ctx.calls.provisioningChanged().catch((error: unknown) => {
      ctx.log.warn({ err: error }, 'the switch could not be told of changed carriers');
    });
  });
}
