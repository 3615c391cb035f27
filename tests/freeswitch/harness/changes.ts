/**
 * Something changes, and a test waits until what it wants is true. Failing says what was waited for and what
 * was there instead.
 */
export class Changes {
  readonly #describe: () => string;
  readonly #waiting = new Set<() => void>();

  constructor(describe: () => string) {
    this.#describe = describe;
  }

  notify(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** Resolves with the first value of `read` that is not null, undefined or false; looks again at every change. */
  until<T>(read: () => T | null | undefined | false, what: string, timeoutMs = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        try {
          const value = read();
          if (value === null || value === undefined || value === false) return;
          done();
          resolve(value);
        } catch (error) {
          done();
          reject(error);
        }
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`waited ${timeoutMs} ms for ${what}\n${this.#describe()}`));
      }, timeoutMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }
}

/** For what tells nobody when it changes: a file, a program that starts. Looks every 20 ms. */
export async function eventually<T>(
  read: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== null && value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
