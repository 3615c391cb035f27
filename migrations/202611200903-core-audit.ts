import { defineEntity, id, json, type Migration, oneOf, text } from '@jackfield/core/sdk';

const audit = defineEntity({
  table: 'core_audit',
  scope: 'system',
  columns: {
    tenantId: id({ nullable: true }),
    pluginId: text(64),
    actorKind: oneOf(['anonymous', 'system', 'user']),
    actorId: id({ nullable: true }),
    actorName: text(64),
    action: text(96),
    targetType: text(64),
    targetId: text(128),
    targetLabel: text(255, { nullable: true }),
    before: json({ nullable: true }),
    after: json({ nullable: true }),
    requestId: text(64),
  },
  indexes: [
    { columns: ['tenantId', 'createdAt'] },
    { columns: ['tenantId', 'targetType', 'targetId'] },
    { columns: ['tenantId', 'actorId'] },
  ],
});

export default {
  async up(schema) {
    await schema.createTable(audit);
  },
} satisfies Migration;
