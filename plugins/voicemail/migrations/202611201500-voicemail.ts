import { bigint, bool, defineEntity, id, int, type Migration, text, time } from '@jackfield/core/sdk';

const box = defineEntity({
  table: 'voicemail_box',
  columns: {
    name: text(64),
    greeting: text(500, { default: '' }),
    locale: text(32),
    maxSeconds: int({ default: 120 }),
    enabled: bool({ default: true }),
  },
  indexes: [{ columns: ['name'], unique: true }],
});

const message = defineEntity({
  table: 'voicemail_message',
  columns: {
    callId: id(),
    interactionId: id({ nullable: true }),
    boxId: id(),
    boxName: text(64),
    fromNumber: text(64),
    fromName: text(128),
    startedAt: time(),
    state: text(32),
    path: text(255),
    storageKey: text(160),
    ms: int({ nullable: true }),
    size: bigint({ nullable: true }),
    sha256: text(64, { nullable: true }),
    heardAt: time({ nullable: true }),
    heardBy: id({ nullable: true }),
  },
  indexes: [
    { columns: ['callId'], unique: true },
    { columns: ['startedAt'] },
    { columns: ['heardAt', 'startedAt'] },
    { columns: ['boxId', 'startedAt'] },
    { columns: ['state'] },
  ],
});

export default {
  async up(schema) {
    await schema.createTable(box);
    await schema.createTable(message);
  },
} satisfies Migration;
