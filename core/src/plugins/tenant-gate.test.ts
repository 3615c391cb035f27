import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { fakeClock } from '../../test-kit/fake-clock.ts';
import { type Scope, scope } from '../tenants/scope.ts';
import type { ActivationChange } from './activation.ts';
import type { Allowed } from './active-set.ts';
import { ManifestSchema, type PluginManifestInput } from './manifest.ts';
import { createStates, type PluginStates } from './states.ts';
import { createTenantGate, type TenantGate } from './tenant-gate.ts';
import type { TenantSwitch } from './tenant-store.ts';
import { createUndoBook } from './undo-book.ts';

const log = pino({ level: 'silent' });
const text = { 'zh-CN': '插件', en: 'Plugin' };

let states: PluginStates;
let gate: TenantGate;
let rows: Map<string, TenantSwitch & { changedBy: string | null; changedAt: number }>;
let plans: Map<string, Allowed>;
let ran: { plugin: string; hook: string; scope: Scope | undefined }[];
let failing: Set<string>;
let changes: ActivationChange[];
const clock = fakeClock();

function add(id: string, over: Partial<PluginManifestInput> = {}): void {
  const manifest = ManifestSchema.parse({
    id,
    title: text,
    description: text,
    engines: { core: '*' },
    ...over,
  });
  states.add({ id, version: '1.0.0', dir: `/plugins/${id}`, manifest });
}

beforeEach(() => {
  states = createStates({ policy: 'continue', undo: createUndoBook(), log });
  rows = new Map();
  plans = new Map();
  ran = [];
  failing = new Set();
  changes = [];
  add('interactions', { scope: 'system' });
  add('crm');
  add('tickets', { requires: { crm: '*' } });
  add('surveys', { requires: { tickets: '*' } });
  gate = createTenantGate({
    states,
    store: {
      async allEnabled() {
        const read = [...rows.values()].filter(({ enabled }) => enabled);
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        return read;
      },
      save: async (row) => void rows.set(`${row.tenantId} ${row.pluginId}`, row),
    },
    allowed: (tenantId) => plans.get(tenantId) ?? 'all',
    tenantHook: async (plugin, hook) => {
      ran.push({ plugin, hook, scope: scope.current() });
      if (failing.has(`${plugin} ${hook}`)) throw new Error('not today');
    },
    clock,
    log,
  });
  gate.onChange((change) => changes.push(change));
});

describe('[core-58] a plugin in a tenant', () => {
  it('is off until it is switched on, and on for that tenant alone', async () => {
    expect(gate.isActive('a', 'crm')).toBe(false);
    await gate.enable('a', 'crm', { by: 'user-1' });
    expect(gate.isActive('a', 'crm')).toBe(true);
    expect(gate.isActive('b', 'crm')).toBe(false);
    expect([...rows.values()]).toEqual([
      { tenantId: 'a', pluginId: 'crm', enabled: true, changedBy: 'user-1', changedAt: clock.now() },
    ]);
  });

  it('is told of its new tenant in that tenant’s scope before it is on', async () => {
    await gate.enable('a', 'crm');
    expect(ran).toMatchObject([
      {
        plugin: 'crm',
        hook: 'onTenantEnable',
        scope: { tenantId: 'a', actor: { kind: 'system', plugin: 'crm' } },
      },
    ]);
    expect(ran[0]?.scope?.activePlugins?.has('crm')).toBe(true);
  });

  it('stays off when it throws on being switched on', async () => {
    failing.add('crm onTenantEnable');
    await expect(gate.enable('a', 'crm')).rejects.toThrow('not today');
    expect(gate.isActive('a', 'crm')).toBe(false);
    expect(rows.size).toBe(0);
  });

  it('goes off although it throws on being switched off', async () => {
    await gate.enable('a', 'crm');
    failing.add('crm onTenantDisable');
    await gate.disable('a', 'crm');
    expect(gate.isActive('a', 'crm')).toBe(false);
    expect(rows.get('a crm')?.enabled).toBe(false);
  });

  it('waits half a minute for a plugin that does not come back', async () => {
    const slow = createTenantGate({
      states,
      store: { allEnabled: async () => [], save: async () => {} },
      tenantHook: () => new Promise(() => {}),
      clock,
      log,
    });
    const enabling = expect(slow.enable('a', 'crm')).rejects.toMatchObject({ code: 'PLUGIN_ERROR' });
    await clock.advance(30_000);
    await enabling;
    expect(slow.isActive('a', 'crm')).toBe(false);
  });

  it('is not switched on twice', async () => {
    await gate.enable('a', 'crm');
    await gate.enable('a', 'crm');
    expect(ran).toHaveLength(1);
  });
});

describe('plugins that need each other', () => {
  it('refuses to switch one on without what it needs, naming it', async () => {
    await expect(gate.enable('a', 'surveys')).rejects.toMatchObject({
      code: 'PLUGIN_DEPENDENCY',
      details: { plugin: 'surveys', needs: ['crm', 'tickets'] },
    });
  });

  it('switches on what it needs first when asked to', async () => {
    await gate.enable('a', 'surveys', { cascade: true });
    expect(ran.map(({ plugin }) => plugin)).toEqual(['crm', 'tickets', 'surveys']);
  });

  it('refuses to switch one off while others need it, naming them', async () => {
    await gate.enable('a', 'surveys', { cascade: true });
    await expect(gate.disable('a', 'crm')).rejects.toMatchObject({
      code: 'PLUGIN_DEPENDENCY',
      details: { plugin: 'crm', neededBy: ['surveys', 'tickets'] },
    });
    expect(gate.isActive('a', 'crm')).toBe(true);
  });

  it('switches those off first when asked to, each told while its own ground still holds', async () => {
    await gate.enable('a', 'surveys', { cascade: true });
    ran.length = 0;
    await gate.disable('a', 'crm', { cascade: true });
    expect(ran.map(({ plugin }) => plugin)).toEqual(['surveys', 'tickets', 'crm']);
    expect([...gate.snapshot('a')]).toEqual(['interactions']);
  });

  it('takes one change after the other, so that none is checked against a state that is passing', async () => {
    const results = await Promise.allSettled([
      gate.enable('a', 'crm'),
      gate.enable('a', 'tickets'),
      gate.disable('a', 'crm'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(gate.isActive('a', 'tickets')).toBe(true);
  });
});

describe('the three levels', () => {
  it('refuses what the plan does not include', async () => {
    plans.set('a', new Set(['crm']));
    await gate.enable('a', 'crm');
    await expect(gate.enable('a', 'tickets')).rejects.toMatchObject({ code: 'PLUGIN_NOT_ALLOWED' });
  });

  it('takes a plugin away with the plan, with those on top of it, and gives all back with the plan', async () => {
    await gate.enable('a', 'surveys', { cascade: true });
    changes.length = 0;
    plans.set('a', new Set(['tickets', 'surveys']));
    await gate.refresh();
    expect([...gate.snapshot('a')]).toEqual(['interactions']);
    expect(gate.isEnabled('a', 'surveys')).toBe(true);
    expect(changes.map(({ pluginId, active }) => [pluginId, active])).toEqual([
      ['crm', false],
      ['tickets', false],
      ['surveys', false],
    ]);
    plans.delete('a');
    await gate.refresh();
    expect(gate.isActive('a', 'surveys')).toBe(true);
  });

  it('keeps a system plugin on everywhere, and nobody can switch it', async () => {
    expect(gate.isActive('a', 'interactions')).toBe(true);
    await expect(gate.disable('a', 'interactions')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('knows no plugin that is not installed', async () => {
    await expect(gate.enable('a', 'robot')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is off everywhere at once when it is quarantined, and cannot be switched on', async () => {
    await gate.enable('a', 'tickets', { cascade: true });
    changes.length = 0;
    states.quarantine('crm', 'run', new Error('gone mad'));
    expect(gate.isActive('a', 'tickets')).toBe(false);
    expect(changes).toContainEqual({ tenantId: 'a', pluginId: 'crm', active: false });
    await expect(gate.enable('b', 'crm')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('memory and the table', () => {
  it('learns at start, and from another process, what is on', async () => {
    rows.set('x', { tenantId: 'a', pluginId: 'crm', enabled: true, changedBy: null, changedAt: 0 });
    expect(gate.isActive('a', 'crm')).toBe(false);
    await gate.refresh();
    expect(gate.isActive('a', 'crm')).toBe(true);
    expect(changes).toEqual([{ tenantId: 'a', pluginId: 'crm', active: true }]);
  });

  it('does not lose a switch that is turned while the table is read', async () => {
    const read = gate.refresh();
    await gate.enable('a', 'crm');
    await read;
    expect(gate.isActive('a', 'crm')).toBe(true);
  });

  it('tells the others although one listener throws', async () => {
    gate.onChange(() => {
      throw new Error('deaf');
    });
    const heard: string[] = [];
    gate.onChange(({ pluginId }) => heard.push(pluginId));
    await gate.enable('a', 'crm');
    expect(heard).toEqual(['crm']);
  });
});

describe('the scope', () => {
  const standing: Scope = { tenantId: 'a', actor: { kind: 'anonymous' }, requestId: 'r' };

  it('decides the tenant that is asked about; without one only system plugins are active', async () => {
    await gate.enable('a', 'crm');
    const seen = () => [
      gate.isActiveInScope('crm'),
      gate.isActiveInScope('interactions'),
      gate.isActiveInScope('core'),
    ];
    expect(scope.run(standing, seen)).toEqual([true, true, true]);
    expect(scope.run({ ...standing, tenantId: 'b' }, seen)).toEqual([false, true, true]);
    expect(scope.run({ ...standing, tenantId: null }, seen)).toEqual([false, true, true]);
    expect(seen()).toEqual([false, true, true]);
  });

  it('keeps for a call the set it began with', async () => {
    await gate.enable('a', 'crm');
    const call = { ...standing, activePlugins: gate.snapshot('a') };
    await gate.disable('a', 'crm');
    await gate.enable('a', 'crm');
    await gate.disable('a', 'crm');
    expect(scope.run(call, () => gate.isActiveInScope('crm'))).toBe(true);
    expect(scope.run(standing, () => gate.isActiveInScope('crm'))).toBe(false);
  });
});
