import type { Readable } from 'node:stream';

export interface StoredFile {
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}
export interface FileFacts {
  readonly size: number;
  readonly modifiedAt: number;
}

/**
 * Where files lie. `path` is `<tenant>/<plugin>/<key>`, already checked. A driver for S3 keeps the same
 * promises: an object is there whole or not at all, `adopt` uploads and then removes the local file, and
 * `pathForSwitch` downloads into the media folder of the switch.
 */
export interface StorageDriver {
  /** Removes what a crash left half done. */
  start(): Promise<void>;
  put(
    path: string,
    content: Readable | Buffer,
    options: { contentType?: string | undefined },
  ): Promise<StoredFile>;
  adopt(path: string, localPath: string): Promise<StoredFile>;
  /** NOT_FOUND if there is none, as `read` and `pathForSwitch`. */
  stat(path: string): Promise<FileFacts>;
  /** `start` and `end` both included, as in an HTTP range. */
  read(path: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Succeeds when there is none. */
  delete(path: string): Promise<void>;
  pathForSwitch(path: string): Promise<string>;
}
