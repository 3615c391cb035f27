import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTables, type TestDatabase, testDatabases } from '../../test-kit/databases.ts';
import { type FakeClock, fakeClock } from '../../test-kit/fake-clock.ts';
import { type Database, openDatabase } from '../data/database.ts';
import type { JackfieldError } from '../errors/index.ts';
import { scope } from '../tenants/scope.ts';
import { createSecretBox, readOrCreateSecret } from './secret-box.ts';
import { Setting } from './setting.entity.ts';
import { createSettings, type Settings } from './settings.ts';

const title = { 'zh-CN': '测试', en: 'Test' };
const rings = {
  key: 'rings',
  title,
  schema: { type: 'integer', minimum: 1 },
  default: 20,
  level: 'tenant' as const,
};
const apiKey = { key: 'key', title, schema: { type: 'string' }, level: 'tenant' as const, secret: true };

describe.each(testDatabases())('settings of two processes, on $name', (kind) => {
  let clock: FakeClock;
  let testDatabase: TestDatabase;
  let database: Database;
  const errors: unknown[] = [];

  beforeAll(async () => {
    clock = fakeClock();
    testDatabase = await kind.open();
    const entities = [{ plugin: 'core', entities: [Setting] }];
    database = await openDatabase({ url: testDatabase.url, dataDir: '', clock, entities });
    await createTables(database);
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  async function process(secret = 'shared by both'): Promise<Settings> {
    const settings = createSettings({
      data: database.withData('core'),
      clock,
      secrets: createSecretBox(secret),
      audit: { record: async () => {} },
      onError: (error) => errors.push(error),
    });
    settings.register('acd', [rings, apiKey]);
    await settings.load();
    return settings;
  }
  const inTenant = <T>(fn: () => T) => scope.runAsSystem('01TENANT', 'test', fn);

  it('reach the other within five seconds, whose listeners are told once', async () => {
    const [one, other] = [await process(), await process()];
    const told: unknown[] = [];
    other.settingsFor('acd').onChange((change) => told.push(change));
    const stop = other.start();
    await inTenant(() => one.settingsFor('acd').set('rings', 45));
    expect(inTenant(() => one.settingsFor('acd').get('rings'))).toBe(45);
    expect(inTenant(() => other.settingsFor('acd').get('rings'))).toBe(20);
    await clock.advance(5_000);
    await expect.poll(() => inTenant(() => other.settingsFor('acd').get('rings'))).toBe(45);
    await other.refresh();
    expect(told).toEqual([{ key: 'rings', tenantId: '01TENANT' }]);
    stop();
    expect(clock.pending()).toBe(0);
  });

  it('are taken back for the other too', async () => {
    const [one, other] = [await process(), await process()];
    await inTenant(() => one.settingsFor('acd').set('rings', null));
    await other.refresh();
    expect(inTenant(() => other.settingsFor('acd').get('rings'))).toBe(20);
  });

  it('are there after a restart, and unreadable with another key', async () => {
    await inTenant(async () => (await process()).settingsFor('acd').set('key', 'sk-1'));
    expect(
      inTenant(
        (
          (settings) => () =>
            settings.settingsFor('acd').get('key')
        )(await process()),
      ),
    ).toBe('sk-1');
    const stranger = await process('another secret');
    expect(() => inTenant(() => stranger.settingsFor('acd').get('key'))).toThrow();
  });

  it('say what is wrong in words of the reader, of what they are, and of what another one needs', async () => {
    const settings = await process();
    const text = { title, schema: { type: 'string', pattern: '^[A-Z]{2}$' }, level: 'tenant' as const };
    const description = { 'zh-CN': '两位字母。', en: 'Two letters.' };
    const needing = {
      key: 'on',
      title,
      schema: { type: 'boolean' },
      level: 'tenant' as const,
      needs: ['code'],
    };
    settings.register('words', [{ ...text, key: 'code', description }, { ...text, key: 'plain' }, needing]);
    const refused = async (locale: string, values: Record<string, unknown>) => {
      const value = { tenantId: '01TENANT', actor: { kind: 'system' } as const, requestId: 'test', locale };
      const error = await scope.run(value, () => settings.change('words', values)).catch((thrown) => thrown);
      return (error as JackfieldError).details.errors;
    };
    expect(await refused('zh-CN', { code: 'x' })).toEqual([
      { path: 'code', message: '格式不正确。两位字母。' },
    ]);
    expect(await refused('en', { plain: 'x' })).toEqual([
      { path: 'plain', message: 'This is not in the form that is expected.' },
    ]);
    expect(await refused('en', { on: true })).toEqual([{ path: 'code', message: '“Test” needs this.' }]);
    expect(await refused('zh-CN', { on: true })).toEqual([{ path: 'code', message: '“测试”需要此项。' }]);
    await inTenant(() => settings.change('words', { on: true, code: 'CN' }));
    expect(await refused('en', { code: null })).toEqual([{ path: 'code', message: '“Test” needs this.' }]);
    expect(await inTenant(() => settings.change('words', { plain: 'DE' }))).toBeUndefined();
  });

  it('go on when a listener throws', async () => {
    const settings = await process();
    settings.settingsFor('acd').onChange(() => {
      throw new Error('listener');
    });
    await settings.settingsFor('acd').set('rings', 7);
    expect(settings.settingsFor('acd').get('rings')).toBe(7);
    expect(errors).toMatchObject([{ message: 'listener' }]);
  });

  it('must be declared, with a default that fits', async () => {
    const settings = await process();
    expect(() => settings.settingsFor('acd').get('nothing')).toThrow(/no setting nothing/);
    expect(() => settings.register('x', [{ ...rings, default: 0 }])).toThrow(/default does not fit/);
    expect(() => settings.register('x', [{ ...rings, schema: { type: 'nonsense' } }])).toThrow(
      /cannot be read/,
    );
    expect(() => settings.register('x', [rings, rings])).toThrow(/declared twice/);
    expect(() => settings.register('x', [{ ...rings, needs: ['tone'] }])).toThrow(
      /needs tone, which is none/,
    );
  });
});

describe('sealed secrets', () => {
  it('open only where they were sealed, and only unaltered', () => {
    const box = createSecretBox('key');
    const sealed = box.seal('sk-1', 'acd/t1/key');
    expect(box.open(sealed, 'acd/t1/key')).toBe('sk-1');
    expect(() => box.open(sealed, 'acd/t2/key')).toThrow();
    const altered = Buffer.from(sealed, 'base64');
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    expect(() => box.open(altered.toString('base64'), 'acd/t1/key')).toThrow();
  });

  it('have a key that is made once and that others cannot read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'jackfield-secret-'));
    const file = join(folder, 'deep', 'secret.key');
    expect(readOrCreateSecret(file)).toBe(readOrCreateSecret(file));
    expect(readOrCreateSecret(file)).toMatch(/^[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });
  });
});
