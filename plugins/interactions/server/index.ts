import { definePlugin, type Topic } from '@jackfield/core/sdk';
import { interactions } from '../contract.ts';
import { EntryEntity, InteractionEntity, ParticipantEntity } from './interaction.entity.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { createInteractions } from './service.ts';

export default definePlugin({
  entities: [InteractionEntity, EntryEntity, ParticipantEntity],
  setup(ctx) {
    const service = createInteractions(ctx, () => agents);
    const agents: Topic = ctx.realtime.topic('agent', {
      permission: 'interactions:read',
      authorize: (key, userId) => key === userId,
      snapshot: async (userId) => ({ contacts: await service.contactsOf(userId) }),
    });
    ctx.provide(interactions, () => service);
    interactionRoutes(ctx);
  },
});
