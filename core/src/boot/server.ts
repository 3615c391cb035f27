import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Auth } from '../auth/index.ts';
import type { Emulator } from '../freeswitch/emulator/emulator.ts';
import { provisioningByHooks } from '../freeswitch/provisioning/hooks.ts';
import { createSipSockets } from '../freeswitch/sip-socket/sip-socket.ts';
import { createHooks } from '../hooks/hooks.ts';
import type { Http } from '../http/index.ts';
import {
  createLifecycle,
  type EntryMode,
  loadPlugins,
  type PluginStatus,
  savePluginStates,
  type TenantGate,
} from '../plugins/index.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { registerCoreRoutes } from './core-routes.ts';
import { type DemoResult, seedDemo } from './demo.ts';
import { hostServices } from './host-services.ts';
import { createLog } from './log.ts';
import { reportReadiness } from './readiness.ts';
import { openSchema } from './schema.ts';
import { createServices } from './services.ts';
import { installation, serveUi } from './static.ts';
import { openSwitch } from './switch.ts';
import { serveProvisioning } from './switch-provisioning.ts';

const REREAD_MS = 30_000;

export interface ServerOptions {
  readonly config: Config;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Where plugins are looked for besides `config.pluginDirs`; the workspace's own unless given. */
  readonly pluginDirs?: readonly string[];
  readonly mode?: EntryMode;
  /** Cost of scrypt; less in tests only. */
  readonly passwordLog2N?: number;
}

export interface Server {
  readonly url: string;
  readonly http: Http;
  readonly auth: Auth;
  readonly gate: TenantGate;
  readonly emulator: Emulator | null;
  readonly log: Logger;
  readonly plugins: () => readonly PluginStatus[];
  /** Books a fault of a plugin that no border caught. */
  readonly failed: (pluginId: string, error: unknown) => void;
  /** What the first start made; null later. */
  readonly demo: DemoResult | null;
  stop(): Promise<void>;
}

/**
 * The whole server, in the order of design §3: discover → verify → entities → migrate → setup → start → listen.
 * Whatever has been opened when a step fails is closed again.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, clock = systemClock, mode = 'dist' } = options;
  const log = options.log ?? createLog(config.logLevel);
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) {
      await Promise.resolve(close()).catch((error: unknown) =>
        log.error({ err: error }, 'a part did not stop in order'),
      );
    }
  };
  try {
    return await compose();
  } catch (error) {
    await closeAll();
    throw error;
  }

  async function compose(): Promise<Server> {
    await mkdir(config.dataDir, { recursive: true });
    const version = await coreVersion();
    const lifecycle = createLifecycle(
      await loadPlugins({
        directories: [
          ...(options.pluginDirs ?? [join(installation, 'plugins')]),
          join(config.dataDir, 'plugins'),
          ...config.pluginDirs,
        ],
        coreVersion: version,
        mode,
        roles: ['web', 'worker', 'telephony'],
        onFailure: config.onPluginFailure,
        bootMarker: join(config.dataDir, 'boot-marker.json'),
        clock,
        log,
      }),
    );
    const { states } = lifecycle;

    const database = await openSchema({ config, lifecycle, coreVersion: version, clock, log });
    closers.push(() => database.close());
    const core = database.withData('core', { acrossTenants: true });

    const telephony = await openSwitch(config, log);
    closers.push(() => telephony.stop());
    const services = await createServices({
      config,
      version,
      database,
      core,
      lifecycle,
      telephony,
      clock,
      log,
      ...(options.passwordLog2N ? { passwordLog2N: options.passwordLog2N } : {}),
    });
    const { auth, calls, circuits, events, gate, http, jobs, realtime, settings } = services;
    closers.push(registerCoreRoutes({ services, lifecycle, gate, node: telephony.node, clock, version }));
    for (const { plugin } of lifecycle.plugins()) {
      try {
        auth.registerPermissions(plugin.id, plugin.manifest.permissions);
        settings.register(plugin.id, plugin.manifest.contributes.settings);
      } catch (error) {
        states.quarantine(plugin.id, 'setup', error);
      }
    }

    const hooks = createHooks({ isActive: gate.isActiveInScope, circuits, clock, log });
    const ownHooks = hooks.forPlugin('core', (undo) => undo);
    const demoHook = ownHooks.declare('core:demo', {
      kind: 'action',
      description: 'A demo tenant was made; each plugin fills it with something to see.',
      onError: 'fail',
    });
    // Declared without a secret too: a plugin may tap what nobody asks.
    const lookup = provisioningByHooks(ownHooks, auth.tenants);
    const provisioning = config.switchSecret
      ? serveProvisioning({ http, node: telephony.node, lookup, secret: config.switchSecret, log })
      : null;
    await lifecycle.setup({ services: hostServices(services), hooks, isActive: gate.isActiveInScope });
    await settings.load();
    await gate.refresh();
    closers.push(settings.start(), auth.start());

    await lifecycle.start();
    closers.push(() => lifecycle.stop());
    await savePluginStates(core, states.list());

    const sipSockets = telephony.browserPhones
      ? createSipSockets({ target: telephony.browserPhones, auth, clock, log })
      : null;
    const offs = [
      gate.onChange(({ tenantId, pluginId, active }) => {
        if (!active) realtime.closePlugin(tenantId, pluginId);
        realtime.ui.pluginsChanged(tenantId);
      }),
      auth.onChange(() => {
        Promise.all([realtime.refreshAll(), sipSockets?.recheck()]).catch((error: unknown) =>
          log.error({ err: error }, 'tabs could not be checked'),
        );
      }),
      // Another process, or a plan, may have changed the switches.
      clock.every(REREAD_MS, () => {
        gate
          .refresh()
          .catch((error: unknown) => log.error({ err: error }, 'the plugin switches could not be read'));
      }),
    ];
    closers.push(() => {
      for (const off of offs) off();
    });

    events.start();
    closers.push(() => events.stop());
    await jobs.start();
    closers.push(() => jobs.stop());
    await calls.start();
    closers.push(() => calls.stop());
    telephony.node.start();

    const first = (await auth.tenants.all()).length === 0;
    const demo =
      first && config.demo
        ? await seedDemo({
            auth,
            gate,
            hook: demoHook,
            plugins: tenantPlugins(states.list()),
            file: join(config.dataDir, 'demo.txt'),
          })
        : null;

    reportReadiness(http, { database, node: telephony.node, states });
    await serveUi(http, states);
    // A web socket is an open connection: the server closes once the realtime service has ended them.
    closers.push(() => http.close());
    realtime.attach(http.server);
    closers.push(() => realtime.stop());
    if (sipSockets) {
      sipSockets.attach(http.server);
      closers.push(() => sipSockets.stop());
    }
    const { url } = await http.listen(config.port, config.host);
    if (provisioning) closers.push(provisioning.listening());

    return {
      url,
      http,
      auth,
      gate,
      emulator: telephony.emulator,
      log,
      plugins: () => states.list(),
      failed: (pluginId, error) => circuits.failed('process', pluginId, error),
      demo,
      stop: closeAll,
    };
  }
}

function tenantPlugins(statuses: readonly PluginStatus[]): string[] {
  return statuses.flatMap(({ id, plugin, state }) =>
    plugin?.manifest.scope === 'tenant' && state !== 'quarantined' ? [id] : [],
  );
}

/** Of core/package.json: what `engines.core` of a plugin is held against. */
export async function coreVersion(): Promise<string> {
  const file: unknown = JSON.parse(await readFile(join(installation, 'core/package.json'), 'utf8'));
  if (typeof file === 'object' && file !== null && 'version' in file && typeof file.version === 'string') {
    return file.version;
  }
  throw new Error('core/package.json has no version');
}
