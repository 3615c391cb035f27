/**
 * What one plugin gets as `ctx`: an awilix container of its own that holds exactly what its plugin.json
 * declares. Reaching for anything else fails with the key that is missing, at setup and not in the middle of
 * a call.
 */
import { asFunction, asValue, createContainer, InjectionMode } from 'awilix';
import { ulid } from 'ulid';
import type { Clock } from '../boot/clock.ts';
import type { PluginHooks } from '../hooks/contract.ts';
import type { HookRegistry } from '../hooks/hooks.ts';
import { scope } from '../tenants/scope.ts';
import { booked, declaredHooks, declaredJobs, undeclared, watchingCalls } from './capability-guards.ts';
import type { PluginContext } from './contract.ts';
import type { ContractRegistry } from './contracts.ts';
import type { Book, HostServices } from './host-services.ts';
import type { PluginIdentity } from './identity.ts';
import type { UndoBook } from './undo-book.ts';

export interface ContextDeps {
  readonly services: HostServices;
  readonly hooks: HookRegistry;
  readonly contracts: ContractRegistry;
  readonly undo: UndoBook;
  readonly clock: Clock;
  /** Is this plugin active in the scope? */
  readonly isActive: (pluginId: string) => boolean;
}

type Services = { readonly [K in keyof HostServices]: ReturnType<HostServices[K]> } & {
  readonly hooks: PluginHooks;
  readonly clock: Clock;
};

export function createContext(plugin: PluginIdentity, deps: ContextDeps): PluginContext {
  const { id, manifest } = plugin;
  const { services } = deps;
  const book: Book = (undo) => deps.undo.add(id, undo);
  const container = createContainer<Services>({ injectionMode: InjectionMode.PROXY, strict: true });
  const make = <Api>(capability: (of: PluginIdentity, book: Book) => Api) =>
    asFunction(() => capability(plugin, book)).singleton();
  const registering = <Api extends object>(capability: (of: PluginIdentity, book: Book) => Api) =>
    make((...of) => booked(capability(...of), book));

  container.register({
    data: make(services.data),
    routes: registering(services.routes),
    hooks: make(() => declaredHooks(plugin, deps.hooks.forPlugin(id, book))),
    events: registering(services.events),
    jobs: registering((...of) => declaredJobs(plugin, services.jobs(...of))),
    realtime: registering(services.realtime),
    settings: registering(services.settings),
    audit: make(services.audit),
    i18n: make(services.i18n),
    log: make(services.log),
    directory: make(services.directory),
    clock: asValue(deps.clock),
  });
  if (manifest.uses.files) container.register({ storage: make(services.storage) });
  const { telephony } = manifest.uses;
  if (telephony) {
    container.register({
      calls: registering((...of) =>
        telephony === 'control' ? services.calls(...of) : watchingCalls(plugin, services.calls(...of)),
      ),
    });
  }

  const get = <K extends keyof Services>(name: K, key: string): Services[K] => {
    if (!container.hasRegistration(name)) throw undeclared(plugin, `ctx.${name}`, key);
    return container.resolve<Services[K]>(name);
  };
  const always = <K extends keyof Services>(name: K): Services[K] => container.resolve<Services[K]>(name);

  return {
    id,
    version: plugin.version,
    get routes() {
      return always('routes');
    },
    get hooks() {
      return always('hooks');
    },
    get events() {
      return always('events');
    },
    get jobs() {
      return always('jobs');
    },
    get realtime() {
      return always('realtime');
    },
    get settings() {
      return always('settings');
    },
    get audit() {
      return always('audit');
    },
    get i18n() {
      return always('i18n');
    },
    get log() {
      return always('log');
    },
    get clock() {
      return always('clock');
    },
    get directory() {
      return always('directory');
    },
    get storage() {
      return get('storage', '"uses": { "files": true }');
    },
    get calls() {
      return get('calls', '"uses": { "telephony": "events" } or "control"');
    },
    repo: (entity) => always('data').repo(entity),
    tx: (fn) => always('data').tx(fn),
    acrossTenants(fn) {
      if (!manifest.uses.acrossTenants)
        throw undeclared(plugin, 'ctx.acrossTenants', '"uses": { "acrossTenants": true }');
      return always('data').acrossTenants(fn);
    },
    isActive: () => deps.isActive(id),
    inTenant(tenantId, fn) {
      if (!manifest.uses.acrossTenants)
        throw undeclared(plugin, 'ctx.inTenant', '"uses": { "acrossTenants": true }');
      return scope.runAsSystem(tenantId, `plugin:${id}:${ulid()}`, fn);
    },
    ...deps.contracts.forPlugin(plugin, book),
  };
}
