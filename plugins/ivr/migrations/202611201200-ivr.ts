import { bool, defineEntity, id, int, json, type Migration, text, time } from '@jackfield/core/sdk';

const flow = defineEntity({
  table: 'ivr_flow',
  columns: {
    name: text(64),
    draft: json(),
    publishedVersion: int({ nullable: true }),
    lastVersion: int({ default: 0 }),
    changed: bool({ default: true }),
    revision: int({ default: 1 }),
    savedBy: id({ nullable: true }),
    savedAt: time(),
  },
  indexes: [{ columns: ['name'], unique: true }, { columns: ['savedAt'] }],
});

const version = defineEntity({
  table: 'ivr_flow_version',
  columns: {
    flowId: id(),
    version: int(),
    name: text(64),
    definition: json(),
    publishedAt: time(),
    publishedBy: id({ nullable: true }),
  },
  indexes: [{ columns: ['flowId', 'version'], unique: true }],
});

export default {
  async up(schema) {
    for (const table of [flow, version]) await schema.createTable(table);
  },
} satisfies Migration;
