import type { PluginContext } from '@jackfield/core/sdk';
import { hashOf } from '../agent/browser-phone.ts';
import type { Extensions } from '../extensions/extensions.ts';
import { GATEWAY_SETTINGS, gatewayOf, gatewayProblem, gatewaySettings } from './gateway.ts';

const NETWORKS = 'carrier-networks';
/** One for the installation: which carrier a call came over is not told apart by address. */
const CARRIER_ID = 'carrier';
/** The profile that calls go out over. */
const PROFILE = 'trunk';

/** A page is gone without a word when its tab is closed: the other side must not listen to silence for a minute. */
const PAGE_VARIABLES = { media_timeout: '20000' };

/** Answers the switch: whose phone registers, who may call in, and where calls go out. */
export function answerSwitch(ctx: PluginContext, extensions: Extensions): void {
  ctx.hooks.on('switch:user', async ({ user, domain }) => {
    const extension = await extensions.byNumber(user);
    // The tenant is found by the first label alone; the digest is over the whole domain.
    if (!extension || extension.domain.toLowerCase() !== domain.toLowerCase()) return undefined;
    const a1Hash = hashOf(extension, ctx.clock.now());
    return extension.device === 'browser' ? { a1Hash, variables: PAGE_VARIABLES } : { a1Hash };
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
  answerGateways(ctx);
}

/** Answers for the gateway, and tells the switch to ask again: once, however many settings have changed together. */
function answerGateways(ctx: PluginContext): void {
  /** Names that the switch has from us. One that is not removed by name stays in it for ever. */
  const given = new Set<string>();
  let isProblemTold = false;
  let isGatewayChanged = false;
  let isTelling = false;

  ctx.hooks.on('switch:gateways', ({ profile, gateways }) => {
    if (profile !== PROFILE) return undefined;
    const settings = gatewaySettings(ctx);
    const problem = gatewayProblem(settings);
    if (problem !== null && !isProblemTold) {
      isProblemTold = true;
      ctx.log.warn(problem);
    }
    const gateway = gatewayOf(settings);
    // Another plugin may have a gateway of that name, and every tenant gives the same answer.
    if (!gateway || gateways.some(({ name }) => name === gateway.name)) return undefined;
    given.add(gateway.name);
    return { profile, gateways: [...gateways, gateway] };
  });

  async function tell(): Promise<void> {
    const changed = isGatewayChanged ? [...given] : [];
    if (isGatewayChanged) {
      given.clear();
      isProblemTold = false;
    }
    isGatewayChanged = false;
    await ctx.calls.provisioningChanged(changed);
  }

  ctx.settings.onChange(({ key }) => {
    if (key !== NETWORKS && !GATEWAY_SETTINGS.includes(key)) return;
    isGatewayChanged ||= key !== NETWORKS;
    if (isTelling) return;
    isTelling = true;
    // Settings that are saved together are told one after the other, without a pause.
    queueMicrotask(() => {
      isTelling = false;
      tell().catch((error: unknown) => {
        ctx.log.warn({ err: error }, 'the switch could not be told of changed carriers and gateways');
      });
    });
  });
}
