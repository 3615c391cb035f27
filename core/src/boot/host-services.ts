import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Auth } from '../auth/index.ts';
import type { Database } from '../data/database.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Events } from '../events/events.ts';
import type { CallService } from '../freeswitch/call/plugin-calls.ts';
import type { Http } from '../http/index.ts';
import type { I18n } from '../i18n/plugin-i18n.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Circuits } from '../plugins/circuit.ts';
import type { HostServices } from '../plugins/host-services.ts';
import type { Realtime } from '../realtime/realtime.ts';
import type { Settings } from '../settings/settings.ts';
import type { Storage } from '../storage/storage.ts';

export interface Services {
  readonly database: Database;
  readonly http: Http;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly realtime: Realtime;
  readonly settings: Settings;
  readonly storage: Storage;
  readonly audit: Audit;
  readonly auth: Auth;
  readonly i18n: I18n;
  readonly calls: CallService;
  readonly circuits: Circuits;
  readonly log: Logger;
}

/** What each plugin gets of the server's services, cut to its id. */
export function hostServices(services: Services): HostServices {
  const { circuits } = services;
  return {
    data: ({ id, manifest }) =>
      services.database.withData(id, { acrossTenants: manifest.uses.acrossTenants }),
    routes({ id, version, manifest }, book) {
      const point = (routeId: string) => `route ${routeId}`;
      const routes = services.http.routesFor(id, {
        scope: manifest.scope,
        version,
        tenantGate: manifest.scope === 'tenant',
        onError: (routeId, error) => circuits.failed(point(routeId), id, error),
        guard(routeId) {
          if (!circuits.allows(point(routeId))) throw new JackfieldError('PLUGIN_CIRCUIT_OPEN');
        },
      });
      book(() => services.http.removeRoutes(id));
      return routes;
    },
    events: ({ id }, book) => services.events.forPlugin(id, book),
    jobs: ({ id }, book) => services.jobs.forPlugin(id, book),
    realtime: ({ id }, book) => services.realtime.forPlugin(id, book),
    settings: ({ id }) => services.settings.settingsFor(id),
    storage: ({ id }) => services.storage.forPlugin(id),
    audit: ({ id }) => services.audit.auditFor(id),
    i18n: ({ id, dir }) => services.i18n.i18nFor(id, dir),
    log: ({ id }) => services.log.child({ plugin: id }),
    directory: () => services.auth.directory,
    calls: ({ id }, book) => services.calls.forPlugin(id, book),
  };
}
