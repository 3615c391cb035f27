/** Everything a plugin may import from the server. What is not exported here is not public. */
export { z } from 'zod';
export type { PluginAudit } from '../audit/contract.ts';
export type { Clock } from '../boot/clock.ts';
export * from '../data/contract.ts';
export { type ErrorCode, JackfieldError } from '../errors/index.ts';
export type * from '../events/contract.ts';
export type * from '../freeswitch/call/contract.ts';
export type * from '../hooks/contract.ts';
export type * from '../http/contract.ts';
export type { Locale, LocalText, PluginI18n } from '../i18n/contract.ts';
export type * from '../jobs/contract.ts';
export type { Consumer, Contract, PluginContext, PluginDefinition } from '../plugins/contract.ts';
export type { PluginRealtime, Topic, TopicDefinition } from '../realtime/contract.ts';
export type { PluginSettings } from '../settings/contract.ts';
export type { PluginStorage } from '../storage/contract.ts';
export type { DirectoryTenant, DirectoryUser, PluginDirectory } from '../tenants/contract.ts';
export { defineContract, definePlugin } from './define.ts';
