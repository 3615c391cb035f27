import { definePlugin, type PluginContext, type Topic } from '@jackfield/core/sdk';
import { interactions } from '@jackfield/plugin-interactions/contract';
import { type Destination, type TelephonyApi, telephony } from '../contract.ts';
import { createBrowserPhones } from './agent/browser-phone.ts';
import { createRejoin } from './agent/rejoin.ts';
import { createSoftphone } from './agent/softphone.ts';
import { createVirtualPhones } from './agent/virtual-phones.ts';
import { createCallFlow } from './calls/call-flow.ts';
import { createCallHandlers } from './calls/call-handlers.ts';
import { userOf } from './calls/caller-user.ts';
import { createDestinations } from './calls/destinations.ts';
import { createDialling } from './calls/dialling.ts';
import { ownDestinations } from './calls/own-destinations.ts';
import { createParticipants } from './calls/participants.ts';
import { createPhones } from './calls/phones.ts';
import { createRecordKeeper } from './calls/record-keeper.ts';
import { talk } from './calls/talk.ts';
import { seedDemo } from './demo.ts';
import { CallRecordEntity, CallStepEntity } from './entities/call.entity.ts';
import { ExtensionEntity } from './entities/extension.entity.ts';
import { NumberEntity } from './entities/number.entity.ts';
import { PromptEntity } from './entities/prompt.entity.ts';
import { createExtensions } from './extensions/extensions.ts';
import { createNumbers } from './numbers/numbers.ts';
import { createPrompts } from './prompts/prompts.ts';
import { answerSwitch } from './provisioning/provisioning.ts';
import { agentRoutes } from './routes/agent.ts';
import { callRoutes } from './routes/calls.ts';
import { extensionRoutes } from './routes/extensions.ts';
import { numberRoutes } from './routes/numbers.ts';
import { promptRoutes } from './routes/prompts.ts';

export default definePlugin({
  entities: [NumberEntity, ExtensionEntity, CallRecordEntity, CallStepEntity, PromptEntity],
  setup(ctx) {
    const hooks = declareHooks(ctx);
    const contacts = ctx.use(interactions);
    const numbers = createNumbers(ctx);
    const extensions = createExtensions(ctx);
    const prompts = createPrompts(ctx);
    const phones = createPhones({ ctx, extensions, numbers, prompt: prompts.paths });
    const destinations = createDestinations();
    const own = { pluginId: ctx.id, isActive: () => ctx.isActive() };
    for (const destination of ownDestinations({ ctx, extensions, numbers, phones })) {
      destinations.add(own, destination);
    }
    const keeper = createRecordKeeper({
      ctx,
      numbers,
      interactions: contacts,
      participants: createParticipants(contacts, hooks.wrapUp),
      ended: hooks.ended,
    });
    const flow = createCallFlow({ destinations, log: ctx.log });
    const { beforeRoute } = hooks;
    const handlers = createCallHandlers({ ctx, numbers, extensions, flow, keeper, beforeRoute });
    const dialling = createDialling({ ctx, extensions, numbers, phones, keeper, handlers });
    const softphone = createSoftphone({ ctx, extensions, phones, keeper, topic: () => agentTopic });
    const agentTopic: Topic = ctx.realtime.topic('agent', {
      permission: 'telephony:call',
      authorize: (key, userId) => key === userId,
      snapshot: (userId) => softphone.state(userId),
    });
    const browserPhones = createBrowserPhones({ ctx, extensions, softphone, isBusy: phones.isBusy });
    const virtualPhones = createVirtualPhones({ ctx, extensions, softphone });

    ctx.calls.onInbound(handlers.inbound);
    ctx.calls.onResume(handlers.resume);
    ctx.calls.onChange((call, change) => {
      keeper.follow(call, change);
      softphone.follow(call, change);
    });
    virtualPhones.follow();
    answerSwitch(ctx, extensions);

    ctx.provide(
      telephony,
      (consumer): TelephonyApi => ({
        destination(destination) {
          consumer.onUndo(destinations.add(consumer, destination as unknown as Destination));
        },
        async destinationOptions() {
          const lists = await Promise.all(
            destinations.active().map(async ({ destination: { kind, title, options } }) =>
              (await options()).map(({ target, label }) => ({
                kind,
                title,
                target: target as Readonly<Record<string, unknown>>,
                label,
              })),
            ),
          );
          return lists.flat();
        },
        async numbersLeadingTo(kind) {
          const rows = await ctx.repo(NumberEntity).find({}, { orderBy: { number: 'asc' }, limit: 10_000 });
          return rows
            .filter(({ destination }) => destination.kind === kind)
            .map(({ number, alias, destination }) => ({ number, alias, target: destination.target }));
        },
        ringAgent: (call, request) => phones.ringUser(call, request),
        talk,
        async isReachable(userId) {
          const extension = await extensions.ofUser(userId);
          return extension !== null && !phones.isBusy(userId) && (await phones.isRegistered(extension));
        },
        prompt: prompts.paths,
        interactionOf: keeper.interactionOf,
        userOf,
        normalise: async (number) => numbers.normalise(number),
        async markRecorded(callId) {
          await ctx.repo(CallRecordEntity).updateWhere({ id: callId }, { recorded: true });
        },
      }),
    );

    numberRoutes(ctx, { numbers, destinations });
    extensionRoutes(ctx, { extensions, virtualPhones });
    callRoutes(ctx);
    agentRoutes(ctx, {
      dialling,
      softphone,
      browserPhones,
      rejoin: createRejoin({ ctx, extensions, prompts }),
      prompts,
      contacts,
      resolveNumber: hooks.resolveNumber,
    });
    promptRoutes(ctx, prompts);
    ctx.hooks.on('core:demo', (demo) => seedDemo(ctx, { extensions, numbers, destinations }, demo), {
      order: 50,
      timeoutMs: 30_000,
    });
  },
});

function declareHooks(ctx: PluginContext) {
  return {
    beforeRoute: ctx.hooks.declare('call:before-route', {
      kind: 'decide',
      // A blacklist that fails must not take the hotline down.
      onError: 'isolate',
      description: 'Number and tenant of an inbound call are known: another destination may be chosen.',
    }),
    wrapUp: ctx.hooks.declare('call:wrap-up', {
      kind: 'decide',
      onError: 'isolate',
      description:
        'The talk of an agent is over: whoever answers keeps the contact in his workbench until it says so.',
    }),
    ended: ctx.hooks.declare('call:ended', {
      kind: 'action',
      description: 'The record of a call is closed and stored.',
    }),
    resolveNumber: ctx.hooks.declare('call:resolve-number', {
      kind: 'decide',
      description: 'A number that is shown masked is to be dialled: whoever keeps the record says it.',
    }),
  };
}
