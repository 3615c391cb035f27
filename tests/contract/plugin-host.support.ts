/** A host around real plugin folders: real loader, hooks and gate; services that only remember what was registered. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { systemClock } from '../../core/src/boot/clock.ts';
import { createHooks, type HookRegistry } from '../../core/src/hooks/hooks.ts';
import { type CircuitReport, createCircuits } from '../../core/src/plugins/circuit.ts';
import type { HostServices } from '../../core/src/plugins/host-services.ts';
import { createLifecycle, type PluginLifecycle } from '../../core/src/plugins/lifecycle.ts';
import { type LoadOptions, loadPlugins } from '../../core/src/plugins/load-plugins.ts';
import { createTenantGate, type TenantGate } from '../../core/src/plugins/tenant-gate.ts';
import type { TenantSwitch } from '../../core/src/plugins/tenant-store.ts';

export const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/plugins');
export const silent = pino({ level: 'silent' });

export function tempDir(): string {
  return mkdtempSync(join(tmpdir(), 'jackfield-plugins-'));
}

/** A fixture copied to a folder outside the workspace. */
export function copyFixture(id: string, into = tempDir()): string {
  cpSync(join(FIXTURES, id), join(into, id), { recursive: true });
  return join(into, id);
}

export interface Registered {
  readonly plugin: string;
  readonly kind: 'route' | 'event' | 'job' | 'realtime' | 'calls';
  readonly name: string;
  readonly run: (...args: unknown[]) => unknown;
}

export interface TestHost {
  readonly lifecycle: PluginLifecycle;
  readonly hooks: HookRegistry;
  readonly gate: TenantGate;
  readonly circuits: CircuitReport[];
  /** What stands in the services at this moment. */
  readonly registered: Registered[];
  readonly saved: TenantSwitch[];
  reasonOf(id: string): string | undefined;
  stateOf(id: string): string | undefined;
}

export function loadOptions(
  directories: readonly string[],
  overrides: Partial<LoadOptions> = {},
): LoadOptions {
  return {
    directories,
    coreVersion: '0.1.0',
    mode: 'source',
    roles: ['web', 'worker', 'telephony'],
    onFailure: 'continue',
    bootMarker: join(tempDir(), 'boot-marker.json'),
    clock: systemClock,
    log: silent,
    ...overrides,
  };
}

/** discover … import, with a gate and hooks around; `setup` and `start` are the test's to call. */
export async function createTestHost(
  directories: readonly string[],
  options: { load?: Partial<LoadOptions>; services?: Partial<HostServices> } = {},
) {
  const lifecycle = createLifecycle(await loadPlugins(loadOptions(directories, options.load)));
  const saved: TenantSwitch[] = [];
  const gate = createTenantGate({
    states: lifecycle.states,
    store: {
      allEnabled: async () => saved.filter(({ enabled }) => enabled),
      save: async ({ tenantId, pluginId, enabled }) => {
        const at = saved.findIndex((row) => row.tenantId === tenantId && row.pluginId === pluginId);
        saved.splice(at < 0 ? saved.length : at, at < 0 ? 0 : 1, { tenantId, pluginId, enabled });
      },
    },
    tenantHook: lifecycle.tenantHook,
    clock: systemClock,
    log: silent,
  });
  const circuits: CircuitReport[] = [];
  const hooks = createHooks({
    isActive: gate.isActiveInScope,
    circuits: createCircuits({ clock: systemClock, onOpen: (report) => circuits.push(report) }),
    clock: systemClock,
    log: silent,
  });
  const registered: Registered[] = [];
  const services = { ...memoryServices(registered), ...options.services };
  const host: TestHost = {
    lifecycle,
    hooks,
    gate,
    circuits,
    registered,
    saved,
    reasonOf: (id) => statusOf(id)?.failure?.reason,
    stateOf: (id) => statusOf(id)?.state,
  };
  const statusOf = (id: string) => lifecycle.states.list().find((status) => status.id === id);
  return { ...host, setup: () => lifecycle.setup({ services, hooks, isActive: gate.isActiveInScope }) };
}

/** Stands in for each service; registrations are remembered, and forgotten when undone. */
export function memoryServices(registered: Registered[]): HostServices {
  const remember = (entry: Registered) => {
    registered.push(entry);
    return () => void registered.splice(registered.indexOf(entry), 1);
  };
  const absent = (name: string) => () =>
    new Proxy({} as never, {
      get(_, member) {
        throw new Error(`the test host has no ${name}.${String(member)}`);
      },
    });
  return {
    data: absent('data'),
    settings: absent('settings'),
    storage: absent('storage'),
    audit: absent('audit'),
    i18n: absent('i18n'),
    directory: absent('directory'),
    log: () => silent,
    routes: ({ id }) => {
      const add = (method: string) => (path: string, _options: unknown, run: unknown) =>
        remember({ plugin: id, kind: 'route', name: `${method} ${path}`, run: run as Registered['run'] });
      return {
        get: add('GET'),
        post: add('POST'),
        put: add('PUT'),
        patch: add('PATCH'),
        delete: add('DELETE'),
      };
    },
    events: ({ id }) => ({
      publish: async () => {},
      on: (name, run) => remember({ plugin: id, kind: 'event', name, run: run as Registered['run'] }),
    }),
    jobs: ({ id }, book) => ({
      define(name, definition) {
        book(remember({ plugin: id, kind: 'job', name, run: definition.run as Registered['run'] }));
        return { enqueue: async () => name };
      },
      every: (name, _interval, run) => remember({ plugin: id, kind: 'job', name, run }),
    }),
    realtime: ({ id }, book) => ({
      topic(name) {
        book(remember({ plugin: id, kind: 'realtime', name, run: () => {} }));
        return { publish: () => {} };
      },
      isConnected: () => false,
      onPresence: (listener) =>
        remember({ plugin: id, kind: 'realtime', name: 'presence', run: listener as Registered['run'] }),
    }),
    calls: ({ id }) =>
      ({
        onInbound: (run: unknown) =>
          remember({ plugin: id, kind: 'calls', name: 'inbound', run: run as Registered['run'] }),
        onChange: (run: unknown) =>
          remember({ plugin: id, kind: 'calls', name: 'change', run: run as Registered['run'] }),
        active: () => [],
      }) as unknown as ReturnType<HostServices['calls']>,
  };
}

/** Writes a plugin to disk: plugin.json with what is given, and the server entry as source text. */
export function writePlugin(
  into: string,
  id: string,
  server: string,
  manifest: Record<string, unknown> = {},
): string {
  const dir = join(into, id);
  const text = { 'zh-CN': id, en: id };
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: id, version: '1.0.0', type: 'module' }));
  writeFileSync(
    join(dir, 'plugin.json'),
    JSON.stringify({
      id,
      title: text,
      description: text,
      engines: { core: '*' },
      server: 'server.js',
      ...manifest,
    }),
  );
  writeFileSync(join(dir, 'server.js'), server);
  return dir;
}
