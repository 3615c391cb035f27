import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createAudit } from '../audit/audit.ts';
import { createAuth } from '../auth/index.ts';
import type { PluginData } from '../data/contract.ts';
import type { Database } from '../data/database.ts';
import { createEvents } from '../events/events.ts';
import { databaseCallStore } from '../freeswitch/call/database-call-store.ts';
import { createCallService } from '../freeswitch/call/plugin-calls.ts';
import { SIP_SOCKET_PATH } from '../freeswitch/sip-socket/sip-socket.ts';
import { createHttp } from '../http/index.ts';
import { createI18n } from '../i18n/plugin-i18n.ts';
import { createBullDriver } from '../jobs/bull-driver.ts';
import { createDatabaseDriver } from '../jobs/database-driver.ts';
import { createJobs } from '../jobs/jobs.ts';
import {
  createCircuits,
  createTenantGate,
  createTenantStore,
  type PluginLifecycle,
  type TenantGate,
} from '../plugins/index.ts';
import { createRealtime } from '../realtime/realtime.ts';
import { createSecretBox, readOrCreateSecret } from '../settings/secret-box.ts';
import { createSettings } from '../settings/settings.ts';
import { createLocalDriver } from '../storage/local-driver.ts';
import { createStorage } from '../storage/storage.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Services } from './host-services.ts';
import type { SwitchHost } from './switch.ts';

export interface ServiceDeps {
  readonly config: Config;
  readonly version: string;
  readonly database: Database;
  readonly core: PluginData;
  readonly lifecycle: PluginLifecycle;
  readonly telephony: SwitchHost;
  readonly clock: Clock;
  readonly log: Logger;
  /** Cost of scrypt; less in tests only. */
  readonly passwordLog2N?: number;
}

/** Makes every service of the server, each from what it needs; nothing runs yet. */
export async function createServices(deps: ServiceDeps): Promise<Services & { readonly gate: TenantGate }> {
  const { config, database, core, lifecycle, telephony, clock, log } = deps;
  const registry = new Registry();
  const circuits = createCircuits({
    clock,
    onOpen: (report) => log.error(report, `Plugin "${report.pluginId}" failed too often and rests`),
  });
  const audit = createAudit(core);
  const auth = createAuth({
    data: core,
    clock,
    audit,
    onError: (error) => log.error({ err: error }, 'the sweep of sessions failed'),
    ...(deps.passwordLog2N ? { passwordLog2N: deps.passwordLog2N } : {}),
  });
  const gate = createTenantGate({
    states: lifecycle.states,
    store: createTenantStore(core),
    tenantHook: lifecycle.tenantHook,
    clock,
    log,
  });
  const { isActive } = gate;
  const common = { database, clock, log, circuits, isActive, registry };
  const driver = config.redisUrl
    ? createBullDriver({ url: config.redisUrl, clock, log })
    : createDatabaseDriver({ database, clock, log });
  const storage = createStorage({
    driver: createLocalDriver({
      root: join(config.dataDir, 'files'),
      clock,
      adoptFrom: [config.mediaDir],
      shared: { here: config.mediaDir, there: config.switchMediaDir },
    }),
  });
  await storage.start();
  return {
    database,
    circuits,
    audit,
    auth,
    gate,
    log,
    storage,
    i18n: createI18n(),
    events: createEvents(common),
    jobs: createJobs({ ...common, driver }),
    realtime: createRealtime({ ...common, auth, afterCommit: (fn) => database.session.afterCommit(fn) }),
    http: createHttp({
      log,
      isActive,
      auth,
      clock,
      registry,
      config: { version: deps.version, trustProxy: config.trustProxy },
    }),
    settings: createSettings({
      data: core,
      clock,
      secrets: createSecretBox(config.secretKey ?? readOrCreateSecret(join(config.dataDir, 'secret.key'))),
      audit: audit.auditFor('core'),
      onError: (error) => log.error({ err: error }, 'settings could not be read again'),
    }),
    calls: createCallService({
      node: telephony.node,
      store: databaseCallStore(core),
      clock,
      log,
      activePlugins: gate.snapshot,
      isActive,
      recordingDir: telephony.recordingDir,
      browserPhonePath: telephony.browserPhones ? SIP_SOCKET_PATH : null,
      onError: (pluginId, point, error) => circuits.failed(point, pluginId, error),
    }),
  };
}
