import type { PermissionDefinition } from './contract.ts';

const people = 'people';
const installation = 'installation';

export const corePermissions: readonly PermissionDefinition[] = [
  {
    key: 'core:users',
    title: { 'zh-CN': '管理用户', en: 'Manage users' },
    group: people,
    defaultRoles: ['admin', 'agent-administrator'],
  },
  {
    key: 'core:roles',
    title: { 'zh-CN': '管理角色', en: 'Manage roles' },
    group: people,
    defaultRoles: ['admin'],
  },
  {
    key: 'core:api-keys',
    title: { 'zh-CN': '使用 API 密钥', en: 'Use API keys' },
    group: people,
    defaultRoles: ['admin', 'operator'],
  },
  {
    key: 'core:plugins',
    title: { 'zh-CN': '开启和关闭功能', en: 'Switch functions on and off' },
    group: installation,
    defaultRoles: ['admin', 'operator'],
  },
  {
    key: 'core:settings',
    title: { 'zh-CN': '修改设置', en: 'Change settings' },
    group: installation,
    defaultRoles: ['admin', 'operator'],
  },
  {
    key: 'core:audit',
    title: { 'zh-CN': '查看操作日志', en: 'Read the audit log' },
    group: installation,
    defaultRoles: ['admin', 'operator'],
  },
  {
    key: 'core:tenants',
    title: { 'zh-CN': '管理企业', en: 'Manage tenants' },
    group: installation,
    defaultRoles: ['operator'],
  },
  {
    key: 'core:health',
    title: { 'zh-CN': '查看并处理运行状况', en: 'See and mend the health of the installation' },
    group: installation,
    defaultRoles: ['operator'],
  },
];
