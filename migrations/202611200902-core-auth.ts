import { bool, defineEntity, id, int, json, type Migration, text, time } from '@jackfield/core/sdk';

const user = defineEntity({
  table: 'core_user',
  scope: 'system',
  columns: {
    tenantId: id({ nullable: true }),
    username: text(64),
    account: text(128, { nullable: true, unique: true }),
    name: text(64),
    email: text(254, { nullable: true }),
    mobile: text(32, { nullable: true }),
    passwordHash: text(255),
    roleId: id({ nullable: true }),
    locale: text(8, { nullable: true }),
    disabled: bool({ default: false }),
    deletedAt: time({ nullable: true }),
    lastSignInAt: time({ nullable: true }),
  },
  indexes: [{ columns: ['tenantId', 'username'] }, { columns: ['tenantId', 'roleId'] }],
});
const session = defineEntity({
  table: 'core_session',
  scope: 'system',
  columns: {
    tokenHash: text(43, { unique: true }),
    userId: id(),
    expiresAt: time(),
    lastSeenAt: time(),
    ip: text(64),
    userAgent: text(255),
  },
  indexes: [{ columns: ['userId'] }, { columns: ['expiresAt'] }],
});
const apiKey = defineEntity({
  table: 'core_api_key',
  scope: 'system',
  columns: {
    keyHash: text(43, { unique: true }),
    userId: id(),
    name: text(64),
    hint: text(12),
    permissions: json(),
    expiresAt: time({ nullable: true }),
  },
  indexes: [{ columns: ['userId'] }],
});
const role = defineEntity({
  table: 'core_role',
  columns: {
    key: text(32, { nullable: true, unique: true }),
    name: text(64, { unique: true }),
    description: text(255, { default: '' }),
  },
});
const rolePermission = defineEntity({
  table: 'core_role_permission',
  columns: { roleId: id(), permission: text(128), granted: bool() },
  indexes: [{ columns: ['roleId', 'permission'], unique: true }],
});
const signInAttempts = defineEntity({
  table: 'core_sign_in_attempts',
  scope: 'system',
  columns: { account: text(128, { unique: true }), day: text(10), failures: int() },
  indexes: [{ columns: ['updatedAt'] }],
});
const captcha = defineEntity({
  table: 'core_captcha',
  scope: 'system',
  columns: { gapX: int(), expiresAt: time() },
  indexes: [{ columns: ['expiresAt'] }],
});

export default {
  async up(schema) {
    for (const entity of [user, session, apiKey, role, rolePermission, signInAttempts, captcha]) {
      await schema.createTable(entity);
    }
  },
} satisfies Migration;
