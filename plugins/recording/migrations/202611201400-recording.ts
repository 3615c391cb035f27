import { bigint, defineEntity, id, int, type Migration, text, time } from '@jackfield/core/sdk';

const recording = defineEntity({
  table: 'recording_recording',
  columns: {
    callId: id(),
    interactionId: id({ nullable: true }),
    legId: text(64),
    startedAt: time(),
    endedAt: time({ nullable: true }),
    ms: int({ nullable: true }),
    channels: int({ default: 2 }),
    format: text(8, { default: 'wav' }),
    state: text(32),
    path: text(255),
    storageKey: text(160),
    size: bigint({ nullable: true }),
    sha256: text(64, { nullable: true }),
    agentUserId: id({ nullable: true }),
    partyUserId: id({ nullable: true }),
    partyNumber: text(64),
    queue: text(128, { nullable: true }),
  },
  indexes: [
    { columns: ['callId', 'startedAt'] },
    { columns: ['state'] },
    { columns: ['agentUserId', 'startedAt'] },
  ],
});

export default {
  async up(schema) {
    await schema.createTable(recording);
  },
} satisfies Migration;
