import type { Page, PageRequest, PluginData } from '../data/contract.ts';
import { scope } from '../tenants/scope.ts';
import { AuditEntry, type AuditRow } from './audit.entity.ts';
import type { PluginAudit } from './contract.ts';
import { difference } from './difference.ts';

export interface AuditFilter {
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly targetType?: string | undefined;
  readonly targetId?: string | undefined;
  readonly pluginId?: string | undefined;
  /** Milliseconds since 1970; `from` inclusive, `to` exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}
/** There is no way to change or remove an entry. */
export interface Audit {
  auditFor(pluginId: string): PluginAudit;
  /** Of the tenant of the scope; of the installation outside of a tenant. Newest first. */
  page(request: PageRequest, filter: AuditFilter): Promise<Page<AuditRow>>;
}

export function createAudit(data: PluginData): Audit {
  const repo = () => data.repo(AuditEntry);
  return {
    auditFor: (pluginId) => ({
      async record({ action, target, before, after }) {
        const {
          tenantId = null,
          actor = { kind: 'system' as const },
          requestId = '',
        } = scope.current() ?? {};
        const changed = difference(before, after);
        await repo().insert({
          tenantId,
          pluginId,
          actorKind: actor.kind,
          actorId: actor.kind === 'user' ? actor.userId : null,
          actorName: actor.kind === 'user' ? actor.name : '',
          action,
          targetType: target.type,
          targetId: target.id,
          targetLabel: target.label === undefined ? null : [...target.label].slice(0, 255).join(''),
          ...changed,
          requestId,
        });
      },
    }),
    page(request, { from, to, ...exact }) {
      const between = {
        ...(from === undefined ? {} : { gte: from }),
        ...(to === undefined ? {} : { lt: to }),
      };
      return repo().page(request, {
        where: {
          tenantId: scope.current()?.tenantId ?? null,
          ...exact,
          ...(Object.keys(between).length > 0 ? { createdAt: between } : {}),
        },
        sortable: ['createdAt'],
        searchable: ['actorName', 'targetLabel', 'action'],
        defaultSort: '-createdAt',
      });
    },
  };
}
