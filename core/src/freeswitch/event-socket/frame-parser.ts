/**
 * Bytes of an event socket → frames, however the bytes were cut on the way.
 *
 * A frame is `Name: value\n` lines, a blank line, then `Content-Length` BYTES of body if that header is there.
 * Whole frames are handed out as views of the chunk they came in; only a frame that is cut is copied, into one
 * buffer that grows by doubling, so the work is linear in the bytes received for any split.
 */

export interface Frame {
  /** `Content-Type`, or '' if absent. */
  readonly contentType: string;
  /** The outer header block as received, without the blank line. Not percent-encoded. */
  readonly head: Buffer;
  /** Null when the frame has no Content-Length or a length of 0. */
  readonly body: Buffer | null;
}

export interface FrameParserOptions {
  /** Longest header block accepted, bytes. Default 64 KiB. */
  readonly maxHeaderBytes?: number;
  /** Longest body accepted, bytes. Default 32 MiB: `show channels as json` of 2,000 calls has about 2 MB. */
  readonly maxBodyBytes?: number;
}

/** The stream cannot be followed any further; the connection must be closed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

const NEWLINE = 0x0a;

export class FrameParser {
  private readonly onFrame: (frame: Frame) => void;
  private readonly maxHeaderBytes: number;
  private readonly maxBodyBytes: number;
  /** Beginning of a frame that is not complete; the first `used` bytes count. */
  private cut: Buffer = Buffer.alloc(0);
  private used = 0;
  /** Size of the frame in `cut` once its header block is complete; 0 before. */
  private cutSize = 0;
  private cutHead = 0;
  private broken: FrameError | null = null;

  constructor(onFrame: (frame: Frame) => void, options: FrameParserOptions = {}) {
    this.onFrame = onFrame;
    this.maxHeaderBytes = options.maxHeaderBytes ?? 64 * 1024;
    this.maxBodyBytes = options.maxBodyBytes ?? 32 * 1024 * 1024;
  }

  /** The bytes of a frame that has begun and is not complete: what was said last before a connection broke. */
  get remainder(): Buffer {
    return this.cut.subarray(0, this.used);
  }

  /** Hands every frame that is complete now to `onFrame`, in order. Throws FrameError if a bound is broken. */
  push(chunk: Buffer): void {
    if (this.broken) throw this.broken;
    let at = 0;
    if (this.used > 0) {
      at = this.finishCut(chunk);
      if (at < 0) return;
    }
    while (at < chunk.length) {
      if (chunk[at] === NEWLINE) {
        at++; // a stray blank line between frames
        continue;
      }
      const end = chunk.indexOf('\n\n', at, 'latin1');
      if (end < 0) {
        if (chunk.length - at > this.maxHeaderBytes)
          this.fail(`a header block of more than ${this.maxHeaderBytes} bytes`);
        break;
      }
      const length = this.bodyLength(chunk, at, end);
      const next = end + 2 + length;
      if (next > chunk.length) {
        this.cutHead = end - at;
        this.cutSize = next - at;
        break;
      }
      this.emit(chunk.subarray(at, end), length > 0 ? chunk.subarray(end + 2, next) : null);
      at = next;
    }
    if (at < chunk.length) this.keep(chunk, at, chunk.length);
  }

  /** Fills the cut frame from `chunk`; returns how far the chunk is used up, or -1 if the frame is still not complete. */
  private finishCut(chunk: Buffer): number {
    let at = 0;
    if (this.cutSize === 0) {
      const end = this.headEnd(chunk);
      if (end < 0) {
        this.keep(chunk, 0, chunk.length);
        if (this.used > this.maxHeaderBytes)
          this.fail(`a header block of more than ${this.maxHeaderBytes} bytes`);
        return -1;
      }
      this.keep(chunk, 0, end);
      at = end;
      this.cutHead = this.used - 2;
      this.cutSize = this.used + this.bodyLength(this.cut, 0, this.cutHead);
    }
    const take = Math.min(this.cutSize - this.used, chunk.length - at);
    this.keep(chunk, at, at + take);
    if (this.used < this.cutSize) return -1;
    // the frame keeps the buffer; the next cut frame gets its own
    const { cut, cutHead, cutSize } = this;
    this.cut = Buffer.alloc(0);
    this.used = 0;
    this.cutSize = 0;
    this.emit(cut.subarray(0, cutHead), cutSize > cutHead + 2 ? cut.subarray(cutHead + 2, cutSize) : null);
    return at + take;
  }

  /** Index in `chunk` just behind the blank line that ends the header block begun in `cut`, or -1. */
  private headEnd(chunk: Buffer): number {
    if (this.cut[this.used - 1] === NEWLINE && chunk[0] === NEWLINE) return 1;
    const end = chunk.indexOf('\n\n', 0, 'latin1');
    return end < 0 ? -1 : end + 2;
  }

  private keep(chunk: Buffer, from: number, to: number): void {
    const needed = this.used + to - from;
    if (needed > this.cut.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.cutSize, this.cut.length * 2, 1024));
      this.cut.copy(grown, 0, 0, this.used);
      this.cut = grown;
    }
    chunk.copy(this.cut, this.used, from, to);
    this.used = needed;
  }

  private bodyLength(bytes: Buffer, from: number, to: number): number {
    if (to - from > this.maxHeaderBytes)
      this.fail(`a header block of more than ${this.maxHeaderBytes} bytes`);
    const value = headerOf(bytes.toString('latin1', from, to), 'Content-Length');
    if (value === null) return 0;
    const length = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isNaN(length)) this.fail(`a Content-Length that is not a number: ${value.slice(0, 40)}`);
    if (length > this.maxBodyBytes) this.fail(`a body of ${length} bytes, more than ${this.maxBodyBytes}`);
    return length;
  }

  private emit(head: Buffer, body: Buffer | null): void {
    const contentType = headerOf(head.toString('latin1'), 'Content-Type') ?? '';
    this.onFrame({ contentType, head, body });
  }

  private fail(what: string): never {
    this.broken = new FrameError(`The event socket sent ${what}.`);
    throw this.broken;
  }
}

/** Value of a header of an outer block, as it stands; null if absent. Names ignore case. */
export function headerOf(block: string, name: string): string | null {
  let start = block.startsWith(name) && block[name.length] === ':' ? 0 : -1;
  if (start < 0) {
    start = block.indexOf(`\n${name}:`) + 1;
    if (start === 0) start = findIgnoringCase(block, name);
    if (start < 0) return null;
  }
  const from = start + name.length + 1;
  const end = block.indexOf('\n', from);
  return block.slice(from, end < 0 ? undefined : end).trim();
}

function findIgnoringCase(block: string, name: string): number {
  const wanted = `${name.toLowerCase()}:`;
  const lower = block.toLowerCase();
  if (lower.startsWith(wanted)) return 0;
  const at = lower.indexOf(`\n${wanted}`);
  return at < 0 ? -1 : at + 1;
}
