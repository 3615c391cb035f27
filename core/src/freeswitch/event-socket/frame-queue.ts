import type { Frame } from './frame-parser.ts';

/** Frames handled before the event loop gets its turn; a channel event takes some 5 to 20 µs. */
const BATCH = 256;
/** Handled frames that are kept at the front before the list is cut. */
const SLACK = 4096;

/** Frames that wait to be handled, in the order in which they came, in batches between turns of the event loop. */
export class FrameQueue {
  private readonly handle: (frame: Frame) => void;
  private readonly drained: () => void;
  private frames: Frame[] = [];
  private next = 0;
  private draining = false;

  /** @param drained called whenever nothing waits any more */
  constructor(handle: (frame: Frame) => void, drained: () => void) {
    this.handle = handle;
    this.drained = drained;
  }

  get length(): number {
    return this.frames.length - this.next;
  }

  push(frame: Frame): void {
    this.frames.push(frame);
  }

  /** Works off what waits, soon; `drained` is called then, also if nothing waits. */
  wake(): void {
    if (this.draining) return;
    this.draining = true;
    setImmediate(this.drain);
  }

  private readonly drain = (): void => {
    this.draining = false;
    const stop = Math.min(this.frames.length, this.next + BATCH);
    while (this.next < stop) {
      const frame = this.frames[this.next++];
      if (frame) this.handle(frame);
    }
    if (this.next >= this.frames.length) {
      this.frames = [];
      this.next = 0;
      this.drained();
      return;
    }
    if (this.next >= SLACK) {
      this.frames = this.frames.slice(this.next);
      this.next = 0;
    }
    this.wake();
  };
}
