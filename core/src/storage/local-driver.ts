import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { ulid } from 'ulid';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { StorageDriver, StoredFile } from './driver.ts';

/** Beside the tenants' folders, so that a rename never crosses file systems. No tenant id starts with a dot. */
const TEMPORARY = '.incoming';
/** In the folder shared with the switch: copies of what it is to play. */
const COPIES = 'copies';
/** An upload that is still being written is younger than this. */
const LEFTOVER_MS = 24 * 3_600_000;

export interface LocalDriverOptions {
  /** Absolute; `<DATA_DIR>/files`. Made when missing. */
  readonly root: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Folders from which files may be adopted (where the switch records). Any when left out. */
  readonly adoptFrom?: readonly string[];
  /** The folder shared with the switch, as each sees it, where the two see it differently. */
  readonly shared?: { readonly here: string; readonly there: string };
}

/** Files in a folder of this machine. */
export function createLocalDriver(options: LocalDriverOptions): StorageDriver {
  const root = resolve(options.root);
  const temporary = join(root, TEMPORARY);
  const place = (path: string): string => join(root, path);

  /** Written whole under another name, flushed, then renamed: a crash leaves the old file or the new one. */
  async function writeWhole(path: string, content: Readable | Buffer): Promise<StoredFile> {
    await mkdir(temporary, { recursive: true });
    const draft = join(temporary, ulid());
    try {
      const written = await writeDraft(draft, content);
      await moveInto(place(path), draft);
      return written;
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async function checkSource(localPath: string): Promise<string> {
    const facts = await factsOrNotFound(localPath, lstat);
    // A link would let the name of one file stand for the content of another.
    if (!facts.isFile())
      throw new JackfieldError('BAD_REQUEST', 'Only a regular file can be taken into storage.');
    const real = await realpath(localPath);
    if (!options.adoptFrom) return real;
    const allowed = await Promise.all(
      options.adoptFrom.map((folder) => realpath(folder).catch(() => resolve(folder))),
    );
    if (allowed.some((folder) => real.startsWith(folder + sep))) return real;
    throw new JackfieldError(
      'BAD_REQUEST',
      'Files may be taken into storage only from the folders of the switch.',
    );
  }

  return {
    async start() {
      await mkdir(temporary, { recursive: true });
      const before = options.clock.now() - LEFTOVER_MS;
      for (const name of await readdir(temporary)) {
        const draft = join(temporary, name);
        const facts = await stat(draft).catch(() => null);
        if (facts && facts.mtimeMs < before) await rm(draft, { force: true });
      }
    },
    put: (path, content) => writeWhole(path, content),
    async adopt(path, localPath) {
      const source = await checkSource(seenFromHere(localPath, options.shared));
      const facts = await hashOf(source);
      try {
        await moveInto(place(path), source);
        return facts;
      } catch (error) {
        if (!hasCode(error, 'EXDEV')) throw error;
      }
      // On another file system: copied as any upload, and removed only when the copy is safe.
      const written = await writeWhole(path, createReadStream(source));
      await rm(source, { force: true });
      return written;
    },
    async stat(path) {
      const facts = await factsOrNotFound(place(path), stat);
      return { size: facts.size, modifiedAt: Math.round(facts.mtimeMs) };
    },
    async read(path, range) {
      // Opened before returning: a missing file is an answer here and not an event on the stream later.
      const file = await open(place(path), 'r').catch(asNotFound);
      try {
        const facts = await file.stat();
        if (!facts.isFile()) throw new JackfieldError('NOT_FOUND');
        if (!range) return file.createReadStream();
        checkRange(range, facts.size);
        return file.createReadStream({ start: range.start, end: range.end });
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    async delete(path) {
      const facts = await stat(place(path)).catch(() => null);
      if (facts?.isFile()) await rm(place(path), { force: true });
    },
    async pathForSwitch(path) {
      const source = place(path);
      const facts = await factsOrNotFound(source, stat);
      const { shared } = options;
      if (!shared || shared.here === shared.there) return source;
      await copyIfOlder(source, facts, join(shared.here, COPIES, path));
      return posix.join(shared.there, COPIES, path);
    },
  };
}

/** A switch on another machine sees only the shared folder. Renamed into place, so that it never reads half a file. */
async function copyIfOlder(source: string, facts: Stats, target: string): Promise<void> {
  const present = await stat(target).catch(() => null);
  if (present && present.mtimeMs >= facts.mtimeMs && present.size === facts.size) return;
  await mkdir(dirname(target), { recursive: true });
  const draft = `${target}.${ulid()}`;
  await copyFile(source, draft);
  await rename(draft, target);
}

/** The switch names its files as it sees them. */
function seenFromHere(path: string, shared: LocalDriverOptions['shared']): string {
  if (!shared) return path;
  const below = relative(shared.there, path);
  return below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)
    ? path
    : join(shared.here, below);
}

async function writeDraft(draft: string, content: Readable | Buffer): Promise<StoredFile> {
  const file = await open(draft, 'wx', 0o640);
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of Buffer.isBuffer(content) ? [content] : content) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      hash.update(bytes);
      await file.writeFile(bytes);
      size += bytes.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest('hex') };
}

async function hashOf(path: string): Promise<StoredFile> {
  // The switch may run as another user; Linux flushes through a handle that may only read, Windows does not.
  const file = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of file.createReadStream({ autoClose: false, start: 0 })) {
      hash.update(chunk);
      size += chunk.length;
    }
    // The one who wrote it may not have; after the rename nobody would.
    await file.sync();
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest('hex') };
}

async function moveInto(target: string, source: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    await rename(source, target);
  } catch (error) {
    // `a` and `a/b` cannot both be files here.
    if (!['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY'].some((code) => hasCode(error, code))) throw error;
    throw new JackfieldError('CONFLICT', 'A file has the name of a folder, or a folder that of a file.', {
      cause: error,
    });
  }
  await syncFolder(dirname(target));
}

/** The rename itself survives a power cut only once the folder is flushed. Windows cannot open a folder. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

async function factsOrNotFound(path: string, look: (path: string) => Promise<Stats>): Promise<Stats> {
  const facts = await look(path).catch(asNotFound);
  if (facts.isDirectory()) throw new JackfieldError('NOT_FOUND');
  return facts;
}

function asNotFound(error: unknown): never {
  if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR'))
    throw new JackfieldError('NOT_FOUND', undefined, { cause: error });
  throw error;
}

function checkRange(range: { start: number; end: number }, size: number): void {
  const whole = Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end);
  if (whole && range.start >= 0 && range.start <= range.end && range.start < size) return;
  throw new JackfieldError('BAD_REQUEST', 'The range lies outside the file.', {
    details: { ...range, size },
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
