import { z } from '@jackfield/core/sdk';
import { WRAP_UP_MODES } from '../entities/queue.entity.ts';

/** Characters of any width count one: a Chinese name may be as long as an English one. */
const MOST_CHARACTERS = 20;
const name = z
  .string()
  .trim()
  .min(1)
  .refine((value) => [...value].length <= MOST_CHARACTERS, {
    params: { maximum: MOST_CHARACTERS },
  });

export const QueueBody = z.object({
  name,
  enabled: z.boolean().default(true),
  /** One of `GET /strategies`; there is no queue without. */
  strategy: z.string().min(1).max(64),
  ringSeconds: z.number().int().min(1).max(90).default(20),
  wrapUpMode: z.enum(WRAP_UP_MODES).default('timed'),
  wrapUpSeconds: z.number().int().min(1).max(90).default(30),
  maxNoAnswer: z.number().int().min(0).max(10).default(3),
  noAnswerRestSeconds: z.number().int().min(3).max(600).default(5),
  vipSeconds: z.number().int().min(0).max(86_400).default(600),
  announcement: z.string().trim().max(500).default(''),
});

/** Without the defaults: what is left out of a change stays as it is. */
export const QueuePatch = z.object({
  name: name.optional(),
  enabled: z.boolean().optional(),
  strategy: z.string().min(1).max(64).optional(),
  ringSeconds: z.number().int().min(1).max(90).optional(),
  wrapUpMode: z.enum(WRAP_UP_MODES).optional(),
  wrapUpSeconds: z.number().int().min(1).max(90).optional(),
  maxNoAnswer: z.number().int().min(0).max(10).optional(),
  noAnswerRestSeconds: z.number().int().min(3).max(600).optional(),
  vipSeconds: z.number().int().min(0).max(86_400).optional(),
  announcement: z.string().trim().max(500).optional(),
});

export const MemberBody = z.object({
  userId: z.string().min(1).max(26),
  level: z.number().int().min(0).max(9),
});
export const MemberDto = MemberBody.extend({ name: z.string(), username: z.string() });

export const QueueDto = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  strategy: z.string(),
  ringSeconds: z.number(),
  wrapUpMode: z.enum(WRAP_UP_MODES),
  wrapUpSeconds: z.number(),
  maxNoAnswer: z.number(),
  noAnswerRestSeconds: z.number(),
  vipSeconds: z.number(),
  announcement: z.string(),
  memberCount: z.number().int(),
  createdAt: z.number(),
});

export const SummaryDto = z.object({
  id: z.string(),
  waiting: z.number().int(),
  longestSince: z.number().nullable(),
  talking: z.number().int(),
  agents: z.object({
    signedIn: z.number().int(),
    idle: z.number().int(),
    busy: z.number().int(),
    away: z.number().int(),
  }),
});
export const ContactDto = z.object({
  id: z.string(),
  place: z.number().int().nullable(),
  state: z.enum(['waiting', 'offered', 'active']),
  joinedAt: z.number(),
  since: z.number(),
  priority: z.number(),
  returned: z.boolean(),
  userId: z.string().nullable(),
  /** Masked for everybody. */
  displayNumber: z.string(),
  name: z.string(),
});
