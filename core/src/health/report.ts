import type { Database } from '../data/database.ts';
import type { Events } from '../events/events.ts';
import type { Switch } from '../freeswitch/switch/contract.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Circuits } from '../plugins/circuit.ts';
import type { PluginStates } from '../plugins/states.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { HealthReport } from './contract.ts';

/** Of what failed for good, the latest; who has more repairs the cause first. */
export const MOST_FAILED = 100;

export interface HealthSources {
  readonly node: Pick<Switch, 'nodeId' | 'state'>;
  readonly database: Pick<Database, 'dialect'>;
  readonly states: Pick<PluginStates, 'list'>;
  readonly circuits: Circuits;
  readonly events: Pick<Events, 'failed' | 'retry' | 'discard'>;
  readonly jobs: Pick<Jobs, 'store' | 'failed' | 'retry' | 'discard'>;
  readonly tenants: Pick<Tenants, 'all'>;
}

export async function reportHealth(sources: HealthSources): Promise<HealthReport> {
  const [events, jobs, tenants] = await Promise.all([
    sources.events.failed(MOST_FAILED),
    sources.jobs.failed(MOST_FAILED),
    sources.tenants.all(),
  ]);
  const names = new Map(tenants.map(({ id, name }) => [id, name]));
  const tenantOf = (id: string | null) => (id === null ? null : (names.get(id) ?? id));
  return {
    switch: switchOf(sources.node),
    database: sources.database.dialect,
    jobs: sources.jobs.store,
    plugins: sources.states.list().flatMap(({ id, plugin, failure }) => {
      if (!failure) return [];
      const title = plugin?.manifest.title ?? { 'zh-CN': id, en: id };
      return [{ id, title, version: plugin?.version ?? null, ...failure }];
    }),
    circuits: sources.circuits
      .report()
      .flatMap(({ openUntil, ...rest }) => (openUntil === null ? [] : [{ ...rest, openUntil }])),
    failedEvents: events.map(({ id, subscriber, event, attempts, error, failedAt }) => ({
      id,
      name: event.name,
      at: event.at,
      subscriber,
      tenant: tenantOf(event.tenantId),
      attempts,
      error,
      failedAt,
    })),
    failedJobs: jobs.map(({ id, name, tenantId, attempt, error, createdAt, doneAt }) => ({
      id,
      name,
      tenant: tenantOf(tenantId),
      attempts: attempt,
      error: error ?? '',
      failedAt: doneAt ?? createdAt,
    })),
  };
}

function switchOf({ nodeId, state }: HealthSources['node']): HealthReport['switch'] {
  return {
    nodeId,
    state: state.state,
    since: state.state === 'stopped' ? null : state.since,
    version: state.state === 'connected' ? state.version : null,
    emulator: state.state === 'connected' && state.emulator,
    lastError: state.state === 'connecting' ? state.lastError : null,
  };
}
