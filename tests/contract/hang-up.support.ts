/** The server and its plugins on a switch whose every word the test gives out, and on a clock that stands still. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { sessionCookie } from '../../core/src/auth/session-cookie.ts';
import { readConfig } from '../../core/src/boot/config.ts';
import { registerCoreRoutes } from '../../core/src/boot/core-routes.ts';
import { hostServices } from '../../core/src/boot/host-services.ts';
import { openSchema } from '../../core/src/boot/schema.ts';
import { coreVersion } from '../../core/src/boot/server.ts';
import { createServices } from '../../core/src/boot/services.ts';
import { installation } from '../../core/src/boot/static.ts';
import { provisioningByHooks } from '../../core/src/freeswitch/provisioning/hooks.ts';
import type { FreeswitchNode } from '../../core/src/freeswitch/switch/freeswitch-node.ts';
import { createHooks } from '../../core/src/hooks/hooks.ts';
import { createLifecycle, loadPlugins } from '../../core/src/plugins/index.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { type FakeClock, fakeClock } from '../../core/test-kit/fake-clock.ts';
import { ShuffledSwitch } from './shuffled-switch.ts';

export const HOTLINE = '4008001234';
const DOMAIN = 'acme.jackfield.local';
const PASSWORD = 'a-Password-4-tests';

/** What an agent's page shows of him. */
export interface AgentShown {
  readonly userId: string;
  readonly shown: string;
  readonly device: string;
  readonly wrapUp: { readonly contactId: string } | null;
  readonly contact: { readonly id: string } | null;
}
export interface CallShown {
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: string | null;
  readonly talkMs: number;
  readonly agentUserId: string | null;
  readonly steps: readonly {
    readonly kind: string;
    readonly at: number;
    readonly userId: string | null;
  }[];
}
export interface DeskAgent {
  readonly id: string;
  readonly name: string;
  /** Contact ids, in the order in which a wrap-up began after them. */
  wrapUps(): readonly string[];
  isInWrapUp(): boolean;
  me(): Promise<AgentShown>;
  /** What stands in the workbench: contact's call and state. */
  contacts(): Promise<readonly { readonly callId: string; readonly state: string }[]>;
  ready(): Promise<void>;
  signOut(): Promise<void>;
  finish(): Promise<void>;
}
export interface CallCentre {
  readonly switch: ShuffledSwitch;
  readonly clock: FakeClock;
  readonly agents: readonly DeskAgent[];
  /** Errors that were logged since the last look. */
  errors(): string[];
  /** Everything that needs neither the switch nor time. */
  settle(): Promise<void>;
  /** Everything that the switch and the wire have to do, one thing after the other. */
  drain(): Promise<void>;
  /** The same, until the next thing is this one. */
  drainUntil(name: string): Promise<void>;
  queue(): Promise<readonly { readonly id: string; readonly state: string }[]>;
  /** The calls from this number, closed or not. */
  calls(from: string): Promise<CallShown[]>;
  /** Calls that the core still has. */
  open(): number;
  stop(): Promise<void>;
}

type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

export async function openCallCentre(names: readonly string[]): Promise<CallCentre> {
  const dataDir = await mkdtemp(join(tmpdir(), 'jackfield-hang-up-'));
  const clock = fakeClock();
  const logged: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void logged.push(line) });
  const config = readConfig({ PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir, DEMO: 'off' });
  const version = await coreVersion();
  const lifecycle = createLifecycle(
    await loadPlugins({
      directories: ['interactions', 'telephony', 'acd'].map((id) => join(installation, 'plugins', id)),
      coreVersion: version,
      mode: 'source',
      roles: ['web', 'worker', 'telephony'],
      onFailure: 'abort',
      bootMarker: join(dataDir, 'boot-marker.json'),
      clock,
      log,
    }),
  );
  const database = await openSchema({ config, lifecycle, coreVersion: version, clock, log });
  const core = database.withData('core', { acrossTenants: true });
  const shuffled = new ShuffledSwitch(clock);
  // What the services take of a node is the contract of a switch.
  const node = shuffled as unknown as FreeswitchNode;
  const services = await createServices({
    config,
    version,
    database,
    core,
    lifecycle,
    telephony: {
      node,
      emulator: null,
      browserPhones: null,
      recordingDir: dataDir,
      stop: async () => undefined,
    },
    clock,
    log,
    passwordLog2N: 10,
  });
  const { auth, calls, circuits, gate, http, realtime, settings } = services;
  registerCoreRoutes({ services, lifecycle, gate, node, clock, version });
  for (const { plugin } of lifecycle.plugins()) {
    auth.registerPermissions(plugin.id, plugin.manifest.permissions);
    settings.register(plugin.id, plugin.manifest.contributes.settings);
  }
  const hooks = createHooks({ isActive: gate.isActiveInScope, circuits, clock, log });
  const ownHooks = hooks.forPlugin('core', (undo) => undo);
  ownHooks.declare('core:demo', { kind: 'action', description: 'Nobody makes a demo here.' });
  provisioningByHooks(ownHooks, auth.tenants);
  const wrapUps = new Map<string, string[]>();
  const lastWrapUp = new Map<string, string | null>();
  const snapshots = new Map<string, (key: string) => Promise<unknown>>();
  const noteWrapUp = ({ userId, wrapUp }: AgentShown) => {
    const contactId = wrapUp?.contactId ?? null;
    if (contactId !== null && lastWrapUp.get(userId) !== contactId)
      wrapUps.set(userId, [...(wrapUps.get(userId) ?? []), contactId]);
    lastWrapUp.set(userId, contactId);
  };
  await lifecycle.setup({
    services: {
      ...hostServices(services),
      realtime(plugin, book) {
        const own = realtime.forPlugin(plugin.id, book);
        return {
          ...own,
          topic(name, definition) {
            const topic = own.topic(name, definition);
            snapshots.set(`${plugin.id}/${name}`, (key) => definition.snapshot(key));
            return {
              publish(key, type, data, options) {
                if (plugin.id === 'acd' && name === 'agent')
                  noteWrapUp((data as { readonly agent: AgentShown }).agent);
                topic.publish(key, type, data, options);
              },
            };
          },
        };
      },
    },
    hooks,
    isActive: gate.isActiveInScope,
  });
  await settings.load();
  await gate.refresh();
  const tenant = await auth.createTenant(
    { slug: 'acme', name: 'Acme', timeZone: 'Asia/Shanghai', locale: 'en' },
    { username: 'admin', name: 'Admin', password: PASSWORD },
  );
  for (const id of ['interactions', 'telephony', 'acd'])
    if (!gate.isActive(tenant.id, id)) await gate.enable(tenant.id, id, { cascade: true });
  await lifecycle.start();
  await calls.start();
  const { url } = await http.listen(0, '127.0.0.1');

  async function settle(): Promise<void> {
    // Files are read and written by the operating system; all the rest settles within a turn.
    do {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    } while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')));
  }
  /** Lets switch and wire do all they have to do, one thing after the other. */
  async function drain(until?: string): Promise<void> {
    await settle();
    for (let [move] = shuffled.moves(); move && move.name !== until; [move] = shuffled.moves()) {
      move.make();
      await settle();
    }
  }
  async function signIn(account: string): Promise<{ readonly id: string; ask: Ask }> {
    const { token, user } = await auth.signIn(
      { account, password: PASSWORD },
      { ip: '127.0.0.1', userAgent: 'test' },
    );
    const ask: Ask = async (method, path, body) => {
      const response = await fetch(`${url}/api/${path}`, {
        method,
        headers: { cookie: `${sessionCookie}=${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    };
    return { id: user.id, ask };
  }
  /** While the switch answers at once. */
  async function answered<T>(request: Promise<T>): Promise<T> {
    let isDone = false;
    const done = request.finally(() => {
      isDone = true;
    });
    while (!isDone) await drain();
    return await done;
  }

  shuffled.start();
  await drain();
  const admin = await signIn('admin@acme');
  const made = async (path: string, body: unknown) =>
    ((await answered(admin.ask('POST', path, body))) as { readonly id: string }).id;
  const agents: DeskAgent[] = [];
  for (const [at, name] of names.entries()) {
    await scope.runAsSystem(tenant.id, 'test', async () => {
      const { id: roleId } = await auth.roles.byKey('agent');
      await auth.users.create({ username: name, name, password: PASSWORD, roleId });
    });
    const { id, ask } = await signIn(`${name}@acme`);
    const number = String(1001 + at);
    await made('telephony/extensions', { number, userId: id });
    shuffled.registerPhone(number, DOMAIN);
    wrapUps.set(id, []);
    agents.push({
      id,
      name,
      wrapUps: () => wrapUps.get(id) ?? [],
      isInWrapUp: () => (lastWrapUp.get(id) ?? null) !== null,
      me: async () => (await ask('GET', 'acd/me')) as AgentShown,
      async contacts() {
        const snapshot = await scope.runAsSystem(tenant.id, 'test', () =>
          snapshots.get('interactions/agent')?.(id),
        );
        const { contacts } = snapshot as {
          contacts: { ref: { id: string }; state: string }[];
        };
        return contacts.map(({ ref, state }) => ({ callId: ref.id, state }));
      },
      ready: async () => void (await answered(ask('PUT', 'acd/me', { presence: 'available' }))),
      signOut: async () => void (await ask('PUT', 'acd/me', { presence: 'signed-out' })),
      finish: async () => void (await ask('POST', 'acd/me/wrap-up/end')),
    });
  }
  const queueId = await made('acd/queues', {
    name: 'Sales',
    strategy: 'longest-idle',
    wrapUpMode: 'manual',
    ringSeconds: 20,
  });
  await admin.ask('PUT', `acd/queues/${queueId}/members`, {
    members: agents.map(({ id }) => ({ userId: id, level: 5 })),
  });
  await made('telephony/numbers', { number: HOTLINE, destination: { kind: 'queue', target: { queueId } } });

  return {
    switch: shuffled,
    clock,
    agents,
    settle,
    drain: () => drain(),
    drainUntil: drain,
    errors: () => logged.splice(0),
    async queue() {
      const { contacts } = (await admin.ask('GET', `acd/queues/${queueId}/live`)) as {
        contacts: { id: string; state: string }[];
      };
      return contacts;
    },
    async calls(from) {
      const { items } = (await admin.ask('GET', `telephony/calls?limit=20&search=${from}`)) as {
        items: { id: string; fromNumber?: string }[];
      };
      return await Promise.all(
        items.map(async ({ id }) => (await admin.ask('GET', `telephony/calls/${id}`)) as CallShown),
      );
    },
    open: () => calls.forPlugin('test', () => undefined).active().length,
    async stop() {
      await calls.stop();
      await lifecycle.stop();
      await http.close();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
