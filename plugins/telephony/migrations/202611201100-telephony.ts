import { bool, defineEntity, id, int, json, longText, type Migration, text, time } from '@jackfield/core/sdk';

const number = defineEntity({
  table: 'telephony_number',
  columns: {
    number: text(32),
    asGiven: text(64),
    dialled: text(32),
    alias: text(64, { default: '' }),
    vip: bool({ default: false }),
    enabled: bool({ default: true }),
    destination: json(),
  },
  indexes: [{ columns: ['number'] }, { columns: ['alias'] }],
});

const extension = defineEntity({
  table: 'telephony_extension',
  columns: {
    number: text(16),
    userId: id({ nullable: true }),
    label: text(64, { default: '' }),
    domain: text(128),
    a1Hash: text(32),
  },
  indexes: [
    { columns: ['number'], unique: true },
    { columns: ['userId'], unique: true },
  ],
});

const call = defineEntity({
  table: 'telephony_call',
  columns: {
    direction: text(32),
    fromNumber: text(64),
    fromAsGiven: text(128),
    fromName: text(128),
    toNumber: text(64),
    toAsGiven: text(128),
    numberId: id({ nullable: true }),
    alias: text(64, { default: '' }),
    vip: bool({ default: false }),
    startedAt: time(),
    answeredAt: time({ nullable: true }),
    endedAt: time({ nullable: true }),
    outcome: text(48, { nullable: true }),
    cause: text(48, { nullable: true }),
    agentUserId: id({ nullable: true }),
    queueName: text(128, { nullable: true }),
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

const step = defineEntity({
  table: 'telephony_call_step',
  columns: {
    callId: id(),
    at: time(),
    kind: text(48),
    legId: text(64, { nullable: true }),
    userId: id({ nullable: true }),
    data: json(),
  },
  indexes: [{ columns: ['callId', 'at'] }, { columns: ['userId', 'callId'] }],
});

const prompt = defineEntity({
  table: 'telephony_prompt',
  columns: {
    hash: text(64),
    adapter: text(32),
    locale: text(8),
    text: longText(),
    path: text(512),
    ms: int(),
  },
  indexes: [{ columns: ['hash'], unique: true }],
});

export default {
  async up(schema) {
    for (const table of [number, extension, call, step, prompt]) await schema.createTable(table);
    // A call says only what was dialled: no two tenants can have the same number.
    await schema.addIndex('telephony_number', ['number'], { unique: true, scope: 'system' });
    await schema.addIndex('telephony_number', ['dialled'], { unique: true, scope: 'system' });
    // A phone says only who it is and in which domain.
    await schema.addIndex('telephony_extension', ['domain', 'number'], { unique: true, scope: 'system' });
    await schema.addIndex('telephony_extension', ['userId'], { scope: 'system' });
    await schema.addIndex('telephony_prompt', ['hash'], { scope: 'system' });
  },
} satisfies Migration;
