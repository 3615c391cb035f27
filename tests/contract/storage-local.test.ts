import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PluginStorage } from '../../core/src/storage/contract.ts';
import { createLocalDriver } from '../../core/src/storage/local-driver.ts';
import { createStorage, type Storage } from '../../core/src/storage/storage.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { fakeClock } from '../../core/test-kit/fake-clock.ts';

const tenantA = '01JTENANTA0000000000000000';
const tenantB = '01JTENANTB0000000000000000';
const inTenant = <T>(tenantId: string, fn: () => T): T => scope.runAsSystem(tenantId, 'test', fn);
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

let folder: string;
let root: string;
let storage: Storage;
let files: PluginStorage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
  root = join(folder, 'files');
  storage = createStorage({ driver: createLocalDriver({ root, clock: fakeClock(Date.now()) }) });
  await storage.start();
  files = storage.forPlugin('recording');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Every file below the root, relative to it. */
async function everyFile(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

describe('files of a plugin in a local folder', () => {
  it('gives back what was put, with its size and SHA-256', async () => {
    await inTenant(tenantA, async () => {
      const content = Buffer.from('hello, 世界');
      expect(await files.put('2026/11/greeting.wav', content)).toEqual({
        size: content.length,
        sha256: sha256(content),
      });
      expect(await buffer(await files.read('2026/11/greeting.wav'))).toEqual(content);
      expect((await files.stat('2026/11/greeting.wav')).size).toBe(content.length);
      expect(await readFile(await files.pathForSwitch('2026/11/greeting.wav'))).toEqual(content);
    });
    expect(await everyFile()).toEqual([join(tenantA, 'recording', '2026', '11', 'greeting.wav')]);
  });

  it('takes a stream in many chunks', async () => {
    const chunks = Array.from({ length: 50 }, (_, index) => Buffer.alloc(10_000, index));
    const whole = Buffer.concat(chunks);
    await inTenant(tenantA, async () => {
      expect(await files.put('big', Readable.from(chunks))).toEqual({
        size: whole.length,
        sha256: sha256(whole),
      });
      expect(sha256(await buffer(await files.read('big')))).toBe(sha256(whole));
    });
  });

  it('leaves the old file, and no half one, when the new one breaks off', async () => {
    await inTenant(tenantA, async () => {
      await files.put('prompt.wav', Buffer.from('old'));
      const broken = Readable.from(
        (async function* () {
          yield Buffer.from('ne');
          throw new Error('cable pulled');
        })(),
      );
      await expect(files.put('prompt.wav', broken)).rejects.toThrow('cable pulled');
      expect((await buffer(await files.read('prompt.wav'))).toString()).toBe('old');
    });
    expect(await everyFile()).toHaveLength(1);
  });

  it('reads a range with both ends included, and refuses one outside the file', async () => {
    await inTenant(tenantA, async () => {
      await files.put('digits', Buffer.from('0123456789'));
      expect((await buffer(await files.read('digits', { start: 2, end: 4 }))).toString()).toBe('234');
      expect((await buffer(await files.read('digits', { start: 8, end: 99 }))).toString()).toBe('89');
      for (const range of [
        { start: 10, end: 12 },
        { start: 4, end: 2 },
        { start: -1, end: 2 },
        { start: 0.5, end: 2 },
      ]) {
        await expect(files.read('digits', range)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      }
    });
  });

  it('says NOT_FOUND for what is not there, and for a folder', async () => {
    await inTenant(tenantA, async () => {
      await files.put('folder/file', Buffer.from('x'));
      for (const key of ['nothing', 'folder', 'folder/file/deeper']) {
        await expect(files.read(key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(files.stat(key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(files.pathForSwitch(key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
    });
  });

  it('says CONFLICT when a file would have to be a folder', async () => {
    await inTenant(tenantA, async () => {
      await files.put('folder/file', Buffer.from('x'));
      await expect(files.put('folder', Buffer.from('y'))).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(files.put('folder/file/deeper', Buffer.from('y'))).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    });
    expect(await everyFile()).toHaveLength(1);
  });

  it('deletes, and does not mind deleting twice', async () => {
    await inTenant(tenantA, async () => {
      await files.put('gone', Buffer.from('x'));
      await files.delete('gone');
      await files.delete('gone');
      await expect(files.stat('gone')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  it('keeps tenants and plugins apart under the same key', async () => {
    const other = storage.forPlugin('voicemail');
    await inTenant(tenantA, () => files.put('a', Buffer.from('tenant A')));
    await expect(inTenant(tenantB, () => files.read('a'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(inTenant(tenantA, () => other.read('a'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(files.read('a')).rejects.toMatchObject({ code: 'TENANT_REQUIRED' });
  });
});

describe('adopting a file of this machine', () => {
  it('moves it and tells its size and SHA-256', async () => {
    const source = join(folder, 'call.wav');
    const content = Buffer.from('RIFF…');
    await writeFile(source, content);
    await inTenant(tenantA, async () => {
      expect(await files.adopt('calls/1.wav', source)).toEqual({
        size: content.length,
        sha256: sha256(content),
      });
      expect(await buffer(await files.read('calls/1.wav'))).toEqual(content);
    });
    await expect(readFile(source)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.skipIf(!existsSync('/dev/shm'))('copies it when it lies on another file system', async () => {
    const elsewhere = await mkdtemp('/dev/shm/storage-');
    const source = join(elsewhere, 'call.wav');
    const content = Buffer.from('RIFF from memory');
    await writeFile(source, content);
    try {
      await inTenant(tenantA, async () => {
        expect(await files.adopt('calls/2.wav', source)).toEqual({
          size: content.length,
          sha256: sha256(content),
        });
        expect(await buffer(await files.read('calls/2.wav'))).toEqual(content);
      });
      await expect(readFile(source)).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it('refuses a link, a folder and what is not there', async () => {
    await writeFile(join(folder, 'secret'), 'x');
    await symlink(join(folder, 'secret'), join(folder, 'link'));
    await inTenant(tenantA, async () => {
      await expect(files.adopt('a', join(folder, 'link'))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      await expect(files.adopt('a', folder)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(files.adopt('a', join(folder, 'nothing'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  it('finds what the switch wrote under the switch’s own name for it', async () => {
    const media = join(folder, 'media');
    await mkdir(join(media, 'recordings'), { recursive: true });
    const shared = { here: media, there: '/var/lib/freeswitch/media' };
    const ours = createStorage({
      driver: createLocalDriver({ root, clock: fakeClock(), adoptFrom: [media], shared }),
    }).forPlugin('recording');
    await inTenant(tenantA, async () => {
      await writeFile(join(media, 'recordings/a.wav'), 'a');
      expect(await ours.adopt('a.wav', `${shared.there}/recordings/a.wav`)).toMatchObject({ size: 1 });
      await writeFile(join(media, 'recordings/b.wav'), 'bb');
      expect(await ours.adopt('b.wav', join(media, 'recordings/b.wav'))).toMatchObject({ size: 2 });
      await writeFile(join(folder, 'secret'), 'x');
      await expect(ours.adopt('c', `${shared.there}/../secret`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(ours.adopt('c', `${shared.there}-other/a.wav`)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });
  });

  it('takes files only from the folders named, when any are', async () => {
    const recordings = join(folder, 'recordings');
    await mkdir(recordings);
    await writeFile(join(recordings, 'ok.wav'), 'x');
    await writeFile(join(folder, 'recordings-not.wav'), 'x');
    const strict = createStorage({
      driver: createLocalDriver({ root, clock: fakeClock(), adoptFrom: [recordings] }),
    }).forPlugin('recording');
    await inTenant(tenantA, async () => {
      await strict.adopt('ok.wav', join(recordings, 'ok.wav'));
      await expect(strict.adopt('no.wav', join(folder, 'recordings-not.wav'))).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
      await expect(
        strict.adopt('no.wav', join(recordings, '..', 'recordings-not.wav')),
      ).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
    });
  });
});

describe('keys', () => {
  const hostile = [
    '',
    '/etc/passwd',
    '..',
    '../x',
    'a/../../x',
    'a/..',
    'a//b',
    'a/',
    './a',
    'a/./b',
    'a\0b',
    'a\\..\\b',
    'C:/x',
    'a\nb',
    'con',
    'folder/NUL.wav',
    'com1',
    'trailing.',
    'trailing ',
    'a?b',
    'a*b',
    'x'.repeat(513),
    '音'.repeat(70),
  ];
  it.each(hostile.map((key) => [JSON.stringify(key).slice(0, 30), key]))(
    'refuses %s',
    async (_shown, key) => {
      await inTenant(tenantA, async () => {
        await expect(files.put(key, Buffer.from('x'))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
        await expect(files.read(key)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
        await expect(files.delete(key)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
        await expect(files.pathForSwitch(key)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      });
    },
  );

  it('never write outside the folder of the tenant and plugin, whatever they are made of', async () => {
    const piece = fc.constantFrom('..', '.', '/', '\\', 'a', 'b.wav', '\0', ' ', '%2e%2e', '音', '.incoming');
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
        async (key) => {
          await inTenant(tenantA, () => files.put(key, Buffer.from('x')).catch(() => undefined));
          const outside = (await everyFile()).filter((path) => !path.startsWith(join(tenantA, 'recording')));
          expect(outside).toEqual([]);
          expect((await readdir(folder)).sort()).toEqual(['files']);
        },
      ),
      { numRuns: 150, seed: 20261120 },
    );
  });
});

describe('a switch that sees the shared folder elsewhere', () => {
  it('gets a copy there, and a new one when the file has changed', async () => {
    const shared = { here: join(folder, 'media'), there: '/srv/media' };
    const driver = createLocalDriver({ root, clock: fakeClock(Date.now()), shared });
    const prompts = createStorage({ driver }).forPlugin('telephony');
    await inTenant(tenantA, async () => {
      const seenHere = (path: string) => readFile(path.replace(shared.there, shared.here), 'utf8');
      await prompts.put('hello.wav', Buffer.from('hello'));
      const path = await prompts.pathForSwitch('hello.wav');
      expect(path).toBe(`/srv/media/copies/${tenantA}/telephony/hello.wav`);
      expect(await seenHere(path)).toBe('hello');
      await prompts.put('hello.wav', Buffer.from('good day'));
      expect(await seenHere(await prompts.pathForSwitch('hello.wav'))).toBe('good day');
    });
  });
});

describe('after a crash', () => {
  it('removes drafts of yesterday at the start, and leaves those still being written', async () => {
    const incoming = join(root, '.incoming');
    await writeFile(join(incoming, 'old'), 'half');
    await writeFile(join(incoming, 'fresh'), 'half');
    const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
    await utimes(join(incoming, 'old'), twoDaysAgo, twoDaysAgo);
    await storage.start();
    expect(await readdir(incoming)).toEqual(['fresh']);
  });
});
