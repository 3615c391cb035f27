import { z } from 'zod';
import type { PluginRoutes } from '../http/contract.ts';
import { pageOf, pageQuery } from '../http/paging.ts';
import type { Audit } from './audit.ts';

const AuditDto = z.object({
  id: z.string(),
  at: z.number(),
  plugin: z.string(),
  actor: z.object({
    kind: z.enum(['anonymous', 'system', 'user']),
    id: z.string().nullable(),
    /** As it was at that time; empty for the server itself. */
    name: z.string(),
  }),
  action: z.string(),
  target: z.object({ type: z.string(), id: z.string(), label: z.string().nullable() }),
  before: z.unknown(),
  after: z.unknown(),
  requestId: z.string(),
});

/** The operation log (core-51); read only, as there is nothing else. */
export function auditRoutes(routes: PluginRoutes, audit: Audit): void {
  routes.get(
    '/audit',
    {
      permission: 'core:audit',
      summary: 'Who changed what, newest first',
      query: pageQuery.extend({
        actorId: z.string().max(26).optional(),
        action: z.string().max(96).optional(),
        plugin: z.string().max(64).optional(),
        targetType: z.string().max(64).optional(),
        targetId: z.string().max(128).optional(),
        from: z.coerce.number().int().optional(),
        to: z.coerce.number().int().optional(),
      }),
      response: pageOf(AuditDto),
    },
    async ({ query: { cursor, limit, sort, search, plugin, ...filter } }) => {
      const page = await audit.page({ cursor, limit, sort, search }, { ...filter, pluginId: plugin });
      const items = page.items.map((row) => ({
        ...row,
        at: row.createdAt,
        plugin: row.pluginId,
        actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
        target: { type: row.targetType, id: row.targetId, label: row.targetLabel },
      }));
      return { ...page, items };
    },
  );
}
