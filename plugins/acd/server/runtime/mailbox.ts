/** Lets one piece of work through at a time, in the order in which they came. */
export interface Mailbox {
  post<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when all that was posted so far is done. */
  settled(): Promise<void>;
}

/** `inScope`: what each piece of work runs in, whoever posted it. */
export function createMailbox(inScope: <T>(work: () => Promise<T>) => Promise<T>): Mailbox {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    post(work) {
      const done = tail.then(() => inScope(work));
      tail = done.catch(() => undefined);
      return done;
    },
    async settled() {
      await tail;
    },
  };
}
