import { z } from 'zod';
import type { PluginAudit } from '../audit/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import type { PluginRoutes } from '../http/contract.ts';
import { HealthDto } from './contract.ts';
import { type HealthSources, MOST_FAILED, reportHealth } from './report.ts';

/** No tenant has it or can give it. */
const permission = 'core:health';
const byId = z.object({ id: z.string().max(64) });

export function healthRoutes(routes: PluginRoutes, sources: HealthSources, audit: PluginAudit): void {
  const { circuits, events, jobs } = sources;

  routes.get(
    '/health',
    {
      permission,
      summary: 'What the installation stands on, and what has stopped working',
      response: HealthDto,
    },
    () => reportHealth(sources),
  );
  routes.post(
    '/health/circuits/close',
    {
      permission,
      summary: 'Lets a point that rests after too many errors work again at once',
      body: z.object({ point: z.string().min(1).max(500) }),
    },
    async ({ body: { point } }) => {
      const open = circuits.report().find((one) => one.point === point && one.openUntil !== null);
      if (!open) throw new JackfieldError('NOT_FOUND');
      circuits.close(point);
      await audit.record({
        action: 'circuit.close',
        target: { type: 'circuit', id: open.pluginId, label: point },
        before: { lastError: open.lastError },
      });
    },
  );

  /** What failed is named in the log before it is gone. */
  const failedEvent = async (id: string) => {
    const found = (await events.failed(MOST_FAILED)).find((one) => one.id === id);
    if (!found) throw new JackfieldError('NOT_FOUND');
    const label = `${found.event.name} → ${found.subscriber}`;
    return { target: { type: 'event', id, label }, before: { error: found.error } };
  };
  const failedJob = async (id: string) => {
    const found = (await jobs.failed(MOST_FAILED)).find((one) => one.id === id);
    if (!found) throw new JackfieldError('NOT_FOUND');
    return { target: { type: 'job', id, label: found.name }, before: { error: found.error } };
  };
  routes.post(
    '/health/events/:id/retry',
    { permission, summary: 'Delivers an event anew that was set aside', params: byId },
    async ({ params: { id } }) => {
      const entry = await failedEvent(id);
      await events.retry(id);
      await audit.record({ action: 'event.retry', ...entry });
    },
  );
  routes.delete(
    '/health/events/:id',
    { permission, summary: 'Gives up an event that was set aside', params: byId },
    async ({ params: { id } }) => {
      const entry = await failedEvent(id);
      await events.discard(id);
      await audit.record({ action: 'event.discard', ...entry });
    },
  );
  routes.post(
    '/health/jobs/:id/retry',
    { permission, summary: 'Runs a job anew that failed for good', params: byId },
    async ({ params: { id } }) => {
      const entry = await failedJob(id);
      await jobs.retry(id);
      await audit.record({ action: 'job.retry', ...entry });
    },
  );
  routes.delete(
    '/health/jobs/:id',
    { permission, summary: 'Gives up a job that failed for good', params: byId },
    async ({ params: { id } }) => {
      const entry = await failedJob(id);
      await jobs.discard(id);
      await audit.record({ action: 'job.discard', ...entry });
    },
  );
}
