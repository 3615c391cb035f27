import { z } from '@jackfield/core/sdk';
import { type AgentView, SHOWN_STATES } from '../runtime/agent-view.ts';

export const AgentDto = z.object({
  userId: z.string(),
  name: z.string(),
  /** What is shown: computed from presence, phone, work and wrap-up. */
  shown: z.enum(SHOWN_STATES),
  since: z.number(),
  presence: z.enum(['signed-out', 'available', 'break']),
  breakReason: z.string().nullable(),
  presenceSince: z.number(),
  device: z.enum(['unregistered', 'ready', 'ringing', 'in-call']),
  wrapUp: z.object({ contactId: z.string(), since: z.number(), until: z.number().nullable() }).nullable(),
  contact: z.object({ id: z.string(), queueId: z.string(), since: z.number() }).nullable(),
  answered: z.number().int(),
  signedInAt: z.number(),
  idleSince: z.number(),
});
export type AgentDto = z.input<typeof AgentDto>;

/** Of somebody who has never signed in there is nothing to tell. */
export function agentDto(userId: string, name: string, view: AgentView | null): AgentDto {
  if (!view) {
    return {
      userId,
      name,
      shown: 'signed-out',
      since: 0,
      presence: 'signed-out',
      breakReason: null,
      presenceSince: 0,
      device: 'unregistered',
      wrapUp: null,
      contact: null,
      answered: 0,
      signedInAt: 0,
      idleSince: 0,
    };
  }
  const { work: _work, ...shown } = view;
  return { ...shown, name };
}
