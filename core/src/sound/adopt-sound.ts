import { createHash } from 'node:crypto';
import { JackfieldError } from '../errors/index.ts';
import type { PluginStorage } from '../storage/contract.ts';
import { WAV_HEAD_BYTES, wavFacts } from './wav-facts.ts';

/** A sound file in the storage of a plugin. */
export interface StoredSound {
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Length in milliseconds; 0 when there is no sound in it. */
  readonly ms: number;
  /** 0 when there is no sound in it. */
  readonly channels: number;
}

/**
 * Takes a wav file that the switch has written at `path` into the storage. Null when it is not there. May be called
 * again: a crash between the move and the note of it leaves the file in its place. Throws what the storage throws.
 */
export async function adoptSound(
  storage: PluginStorage,
  key: string,
  path: string,
): Promise<StoredSound | null> {
  const file = await take(storage, key, path);
  if (!file) return null;
  const facts = file.size === 0 ? null : wavFacts(await headOf(storage, key, file.size), file.size);
  return { ...file, ...(facts ?? { ms: 0, channels: 0 }) };
}

async function take(
  storage: PluginStorage,
  key: string,
  path: string,
): Promise<{ size: number; sha256: string } | null> {
  try {
    return await storage.adopt(key, path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    const { size } = await storage.stat(key);
    return { size, sha256: await digestOf(storage, key) };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function headOf(storage: PluginStorage, key: string, size: number): Promise<Buffer> {
  const stream = await storage.read(key, { start: 0, end: Math.min(size, WAV_HEAD_BYTES) - 1 });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function digestOf(storage: PluginStorage, key: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of await storage.read(key)) hash.update(chunk);
  return hash.digest('hex');
}

function isNotFound(error: unknown): boolean {
  return JackfieldError.is(error) && error.code === 'NOT_FOUND';
}
