import { AuditEntry } from '../audit/audit.entity.ts';
import { authEntities } from '../auth/index.ts';
import type { EntityDefinition } from '../data/contract.ts';
import { DeliveryEntity, EventEntity } from '../events/event.entity.ts';
import { CallEntity } from '../freeswitch/call/call.entity.ts';
import { JobEntity, ScheduleEntity } from '../jobs/job.entity.ts';
import { pluginEntities } from '../plugins/plugin.entity.ts';
import { Setting } from '../settings/setting.entity.ts';
import { Tenant } from '../tenants/tenant.entity.ts';

/** Every table of the core. */
export const coreEntities: readonly EntityDefinition[] = [
  Tenant,
  ...authEntities,
  AuditEntry,
  Setting,
  EventEntity,
  DeliveryEntity,
  JobEntity,
  ScheduleEntity,
  ...pluginEntities,
  CallEntity,
];
