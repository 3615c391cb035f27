import { definePlugin, type PluginContext } from '@jackfield/core/sdk';
import { interactions } from '@jackfield/plugin-interactions/contract';
import { telephony as telephonyContract } from '@jackfield/plugin-telephony/contract';
import { BoxEntity } from './box.entity.ts';
import { seedDemo } from './demo.ts';
import { voicemailDestination } from './destination.ts';
import { MessageEntity } from './message.entity.ts';
import { createMessages, type Messages } from './messages.ts';
import { boxRoutes } from './routes/boxes.ts';
import { messageRoutes } from './routes/messages.ts';
import { settle } from './settle.ts';

const SETTLE_MS = 15_000;

/** Of each server in this process: what `stop` waits for. */
const inboxes = new WeakMap<PluginContext, Messages>();

export default definePlugin({
  entities: [BoxEntity, MessageEntity],
  setup(ctx) {
    const telephony = ctx.use(telephonyContract);
    const messages = createMessages(ctx, { telephony, contacts: ctx.use(interactions) });
    inboxes.set(ctx, messages);
    telephony.destination(voicemailDestination(ctx, { telephony, messages }));
    ctx.jobs.every('settle', SETTLE_MS, () => settle(ctx, messages));
    boxRoutes(ctx, telephony);
    messageRoutes(ctx, messages);
    // Somebody calls back whose number is masked for him.
    ctx.hooks.on('call:resolve-number', async ({ type, id }) => {
      if (type !== 'voicemail.message') return undefined;
      return (await ctx.repo(MessageEntity).get(id)).fromNumber;
    });
    // Before the menu of the demo is made, which leads here.
    ctx.hooks.on('core:demo', (demo) => seedDemo(ctx, demo), { order: -40 });
  },
  async stop(ctx) {
    await inboxes.get(ctx)?.settled();
  },
});
