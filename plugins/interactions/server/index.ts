import { definePlugin, type Topic } from '@jackfield/core/sdk';
import { interactions } from '../contract.ts';
import { EntryEntity, InteractionEntity, ParticipantEntity } from './interaction.entity.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { createInteractions } from './service.ts';

export default definePlugin({
  entities: [InteractionEntity, EntryEntity, ParticipantEntity],
  setup(ctx) {
    const whoHas = ctx.hooks.declare('interactions:name', {
      kind: 'decide',
      // A contact without a name is better than none.
      onError: 'isolate',
      description: 'A contact begins: the name of whoever has this address. The first answer wins.',
    });
    const service = createInteractions(ctx, () => agents, whoHas);
    const agents: Topic = ctx.realtime.topic('agent', {
      permission: 'interactions:read',
      authorize: (key, userId) => key === userId,
      snapshot: async (userId) => ({ contacts: await service.contactsOf(userId) }),
    });
    ctx.provide(interactions, () => service);
    interactionRoutes(ctx);
  },
});
