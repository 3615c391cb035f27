import { type PluginContext, z } from '@jackfield/core/sdk';
import type { Agents } from '../agents.ts';
import { AgentDto, agentDto } from './agent-dto.ts';
import { signedIn } from './signed-in.ts';

export const PresenceBody = z.object({
  presence: z.enum(['signed-out', 'available', 'break']),
  breakReason: z.string().max(64).nullable().default(null),
});
const MeDto = AgentDto.extend({ breakReasons: z.array(z.string()) });

export function meRoutes(ctx: PluginContext, agents: Agents): void {
  ctx.routes.get(
    '/me',
    { permission: 'acd:work', summary: 'Own state, and the reasons for a break', response: MeDto },
    async ({ user }) => {
      const { id, name } = signedIn(user);
      return { ...agentDto(id, name, await agents.view(id)), breakReasons: [...agents.breakReasons()] };
    },
  );
  ctx.routes.put(
    '/me',
    {
      permission: 'acd:work',
      summary: 'Sign in to call handling, go on break, sign out',
      body: PresenceBody,
      response: AgentDto,
    },
    async ({ user, body }) => {
      const { id, name } = signedIn(user);
      return agentDto(id, name, await agents.setPresence(id, body.presence, body.breakReason));
    },
  );
  ctx.routes.post(
    '/me/wrap-up/end',
    { permission: 'acd:work', summary: 'The work after the contact is done', response: AgentDto },
    async ({ user }) => {
      const { id, name } = signedIn(user);
      return agentDto(id, name, await agents.endWrapUp(id));
    },
  );
}
