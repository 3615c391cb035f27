import type { Readable } from 'node:stream';

/**
 * Files of a plugin: prompts, recordings, exports. Keys are `/`-separated, relative, and live under
 * `<tenant>/<plugin>/`; a key that would leave that place is BAD_REQUEST. Written to a temporary name and
 * renamed, so a crash leaves no half file under a key.
 */
export interface PluginStorage {
  put(
    key: string,
    content: Readable | Buffer,
    options?: { contentType?: string },
  ): Promise<{ size: number; sha256: string }>;
  /**
   * Moves a file that already lies on this machine, such as a recording the switch wrote; the path may be the switch's
   * own for it.
   */
  adopt(key: string, localPath: string): Promise<{ size: number; sha256: string }>;
  /** NOT_FOUND if there is none. */
  stat(key: string): Promise<{ size: number; modifiedAt: number }>;
  /** `start` and `end` are bytes, both included, as in an HTTP range. NOT_FOUND, or BAD_REQUEST outside the file. */
  read(key: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Succeeds when there is none. */
  delete(key: string): Promise<void>;
  /** NOT_FOUND if there is none. A path the switch can open for reading: the file itself, or a copy in its media folder. */
  pathForSwitch(key: string): Promise<string>;
}
