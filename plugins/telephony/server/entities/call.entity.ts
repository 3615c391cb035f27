import { bool, defineEntity, id, int, json, oneOf, type RowOf, text, time } from '@jackfield/core/sdk';

/** The record of a call; its id is the id of the call. Written when it begins and completed when it is over. */
export const CallRecordEntity = defineEntity({
  table: 'telephony_call',
  columns: {
    direction: oneOf(['inbound', 'outbound', 'internal']),
    fromNumber: text(64),
    fromAsGiven: text(128),
    fromName: text(128),
    toNumber: text(64),
    toAsGiven: text(128),
    numberId: id({ nullable: true }),
    alias: text(64, { default: '' }),
    vip: bool({ default: false }),
    startedAt: time(),
    /** When somebody of ours (or, outbound, the callee) took it. An IVR that answers does not count. */
    answeredAt: time({ nullable: true }),
    endedAt: time({ nullable: true }),
    /** Null while it lasts. */
    outcome: text(48, { nullable: true }),
    cause: text(48, { nullable: true }),
    /** Who talked last, else who was rung last; outbound: who dialled. */
    agentUserId: id({ nullable: true }),
    queueName: text(128, { nullable: true }),
    /** Milliseconds. Talk is without hold. */
    waitMs: int({ default: 0 }),
    talkMs: int({ default: 0 }),
    holdMs: int({ default: 0 }),
    interactionId: id({ nullable: true }),
    recorded: bool({ default: false }),
  },
  indexes: [
    { columns: ['startedAt'] },
    { columns: ['agentUserId', 'startedAt'] },
    { columns: ['fromNumber', 'startedAt'] },
    { columns: ['toNumber', 'startedAt'] },
  ],
});
export type CallRecordRow = RowOf<typeof CallRecordEntity>;

/** What happened in a call, in order of `at`, then `id`. */
export const CallStepEntity = defineEntity({
  table: 'telephony_call_step',
  columns: {
    callId: id(),
    at: time(),
    /** A change of the call (`leg-created`, `talk-started`, …) or the kind of a plugin's note. */
    kind: text(48),
    legId: text(64, { nullable: true }),
    userId: id({ nullable: true }),
    data: json<Readonly<Record<string, unknown>>>(),
  },
  indexes: [{ columns: ['callId', 'at'] }, { columns: ['userId', 'callId'] }],
});
export type CallStepRow = RowOf<typeof CallStepEntity>;
