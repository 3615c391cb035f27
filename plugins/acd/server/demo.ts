import type { PayloadOf, PluginContext } from '@jackfield/core/sdk';
import { QueueEntity, QueueMemberEntity } from './entities/queue.entity.ts';
import { QueueBody } from './routes/queue-dto.ts';

/** Two queues that overlap, so that one sees how agents are shared. */
const QUEUES = [
  { key: 'demo.sales', members: ['amy', 'ben', 'chloe', 'david', 'emma', 'frank'] },
  { key: 'demo.support', members: ['emma', 'frank', 'grace', 'henry', 'iris', 'jack'] },
] as const;

export async function seedDemo(ctx: PluginContext, { users, hints }: PayloadOf<'core:demo'>): Promise<void> {
  const queues = ctx.repo(QueueEntity);
  const members = ctx.repo(QueueMemberEntity);
  const { locale } = await ctx.directory.tenant();
  for (const { key, members: names } of QUEUES) {
    const row = await queues.insert(
      QueueBody.parse({
        name: ctx.i18n.t(key, {}, locale),
        strategy: 'longest-idle',
        announcement: ctx.i18n.t('demo.announcement', {}, locale),
      }),
    );
    const people = users.filter(({ username }) => (names as readonly string[]).includes(username));
    await members.insertMany(
      people.map(({ id: userId }, index) => ({ queueId: row.id, userId, level: 5 + (index % 4) })),
    );
  }
  hints.push('Sign in as amy@acme, choose "Sign in" (签入) in the bar above, and call the hotline.');
}
