import { type Call, definePlugin, JackfieldError, type PluginContext } from '@jackfield/core/sdk';
import { interactions } from '@jackfield/plugin-interactions/contract';
import { telephony } from '@jackfield/plugin-telephony/contract';
import { type AcdApi, acd } from '../contract.ts';
import { createAgents } from './agents.ts';
import { seedDemo } from './demo.ts';
import { AgentEntity } from './entities/agent.entity.ts';
import { ContactEntity, DecisionEntity } from './entities/contact.entity.ts';
import { QueueEntity, QueueMemberEntity } from './entities/queue.entity.ts';
import { agentRoutes } from './routes/agents.ts';
import { decisionRoutes } from './routes/decisions.ts';
import { meRoutes } from './routes/me.ts';
import { queueRoutes } from './routes/queues.ts';
import { createRuntimes, type Runtimes } from './runtime/runtimes.ts';
import { createTopics, type Topics } from './runtime/topics.ts';
import { createStrategies } from './strategies.ts';
import { queueDestination } from './voice/queue-destination.ts';
import { createVips } from './voice/vips.ts';

const DAY_MS = 86_400_000;
const FORGET_EVERY_MS = 6 * 3_600_000;

/** Of this process: `start` and `stop` are called with the context only. */
const runtimesOf = new WeakMap<PluginContext, Runtimes>();

export default definePlugin({
  entities: [QueueEntity, QueueMemberEntity, AgentEntity, ContactEntity, DecisionEntity],
  setup(ctx) {
    const phones = ctx.use(telephony);
    const contacts = ctx.use(interactions);
    const strategies = createStrategies(ctx.log);
    const runtimes = createRuntimes({
      ctx,
      strategies,
      telephony: phones,
      interactions: contacts,
      topics: () => topics,
    });
    runtimesOf.set(ctx, runtimes);
    const topics: Topics = createTopics(ctx, runtimes);
    const agents = createAgents(ctx, runtimes);
    const vips = createVips();

    phones.destination(
      queueDestination({ ctx, runtimes, telephony: phones, interactions: contacts, isVip: vips.has }),
    );
    followPhones(ctx, runtimes);
    followBrowsers(ctx, runtimes);
    ctx.calls.onChange((call, change) => {
      if (change.type !== 'ended') return;
      vips.forget(call.id);
      forgetAwaited(ctx, runtimes, call);
    });
    // Before those who choose another destination: the first answer ends the hook.
    ctx.hooks.on('call:before-route', ({ callId, vip }) => vips.note(callId, vip), { order: -100 });
    ctx.hooks.on('call:wrap-up', ({ callId, userId }) => wrapUpOf(runtimes, callId, userId));
    ctx.hooks.on('core:demo', (demo) => seedDemo(ctx, demo), { order: -50, timeoutMs: 30_000 });
    ctx.jobs.every('forget-decisions', FORGET_EVERY_MS, () => forgetDecisions(ctx));

    queueRoutes(ctx, { runtimes, strategies });
    agentRoutes(ctx, { agents, runtimes });
    meRoutes(ctx, agents);
    decisionRoutes(ctx);
    ctx.provide(
      acd,
      (consumer): AcdApi => ({
        strategy: (strategy) => strategies.add(strategy, consumer),
        async agent(userId) {
          const view = await agents.view(userId);
          if (!view) throw new JackfieldError('NOT_FOUND', 'This user has never been an agent.');
          const { presence, breakReason, device, work, wrapUp, presenceSince, idleSince } = view;
          return { userId, presence, breakReason, device, work, wrapUp, presenceSince, idleSince };
        },
      }),
    );
  },
  async start(ctx) {
    await runtimesOf.get(ctx)?.start();
  },
  async stop(ctx) {
    await runtimesOf.get(ctx)?.stop();
  },
});

/** Registrations and calls of phones: whether an agent's can ring. */
/**
 * A caller who waited when the server died and hung up before it was back never comes to his queue again: those
 * behind him need not wait for him.
 */
function forgetAwaited(ctx: PluginContext, runtimes: Runtimes, call: Call): void {
  const runtime = runtimes.all().find(({ tenantId }) => tenantId === call.tenantId)?.runtime;
  if (!runtime || runtime.state.contacts[call.id]) return;
  runtime.leave(call.id).catch((error: unknown) => {
    ctx.log.error({ err: error, callId: call.id }, 'a contact that is gone could not be forgotten');
  });
}

function followPhones(ctx: PluginContext, runtimes: Runtimes): void {
  ctx.calls.onRegistration(({ domain, registered }) => {
    for (const { slug, devices } of runtimes.all()) {
      if (domain === slug || domain.startsWith(`${slug}.`)) devices.registrationChanged(registered);
    }
  });
  ctx.calls.onChange((call, change) => {
    if (change.type !== 'leg-created' && change.type !== 'leg-answered' && change.type !== 'leg-ended')
      return;
    const acd = runtimes.all().find(({ tenantId }) => tenantId === call.tenantId);
    if (!acd) return;
    const { userId } = change.leg;
    if (userId !== null) void acd.devices.check(userId);
    // Whose phone began this call, the core does not know; telephony does, and is asked of everybody.
    else if (call.direction !== 'inbound') acd.devices.checkAllSoon();
  });
}

function followBrowsers(ctx: PluginContext, runtimes: Runtimes): void {
  ctx.realtime.onPresence(({ userId, tenantId, connected }) => {
    const acd = runtimes.all().find((one) => one.tenantId === tenantId);
    if (connected) acd?.absence.back(userId);
    else acd?.absence.left(userId);
  });
}

/**
 * The agent's leg has ended. If that was our contact it is over now, should its own flow not have said so yet;
 * what is left to do after it keeps it in the workbench.
 */
async function wrapUpOf(
  runtimes: Runtimes,
  callId: string,
  userId: string,
): Promise<{ until: number | null } | undefined> {
  const { runtime } = await runtimes.current();
  const contact = runtime.state.contacts[callId];
  if (contact?.state === 'active' && contact.agent === userId) await runtime.finish(callId);
  const wrapUp = runtime.state.agents[userId]?.wrapUp;
  return wrapUp?.contactId === callId ? { until: wrapUp.until } : undefined;
}

async function forgetDecisions(ctx: PluginContext): Promise<void> {
  const decisions = ctx.repo(DecisionEntity);
  for (const { id } of await ctx.directory.tenants()) {
    await ctx.inTenant(id, () => {
      const days = ctx.settings.get<number>('decision-days');
      return decisions.deleteWhere({ at: { lt: ctx.clock.now() - days * DAY_MS } });
    });
  }
}
