/**
 * How the installation does, in one look: what it stands on, and everything that has stopped working and waits for
 * somebody. For operators alone: it is of all tenants, and errors may name their data.
 *
 * Of this process: what another process of the installation rests or quarantines, its own report tells. Failed events
 * and jobs are those of all.
 */
import { z } from 'zod';
import { LocalTextSchema } from '../plugins/manifest-contributes.ts';

/** `GET /api/core/health`. Times are epoch milliseconds. */
export const HealthDto = z.object({
  switch: z.object({
    nodeId: z.string(),
    state: z.enum(['connecting', 'connected', 'stopped']),
    /** Begin of that state; null once it is stopped. */
    since: z.number().nullable(),
    /** What the switch calls itself; null unless connected. */
    version: z.string().nullable(),
    emulator: z.boolean(),
    /** Of the last try to connect. */
    lastError: z.string().nullable(),
  }),
  database: z.enum(['sqlite', 'mysql']),
  /** Where jobs are kept. */
  jobs: z.enum(['database', 'redis']),
  /** Quarantined, each with the step it failed at. */
  plugins: z.array(
    z.object({
      id: z.string(),
      title: LocalTextSchema,
      version: z.string().nullable(),
      step: z.string(),
      reason: z.string(),
    }),
  ),
  /** Points that rest after too many errors. */
  circuits: z.array(
    z.object({
      point: z.string(),
      pluginId: z.string(),
      errors: z.number(),
      openUntil: z.number(),
      lastError: z.string(),
    }),
  ),
  /** Deliveries set aside after their last try, newest first. */
  failedEvents: z.array(
    z.object({
      id: z.string(),
      /** The event. */
      name: z.string(),
      at: z.number(),
      subscriber: z.string(),
      /** Name of the tenant; null for the installation itself. */
      tenant: z.string().nullable(),
      attempts: z.number(),
      error: z.string(),
      failedAt: z.number(),
    }),
  ),
  /** Jobs that failed for good, newest first. */
  failedJobs: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      tenant: z.string().nullable(),
      attempts: z.number(),
      error: z.string(),
      failedAt: z.number(),
    }),
  ),
});
export type HealthReport = z.input<typeof HealthDto>;
