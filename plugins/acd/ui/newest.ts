/**
 * Keeps the older from replacing the newer where both a stream and the answers to requests tell the same thing: they
 * come over two connections, which have no order between them.
 */
export interface Newest {
  /** The stream has said something. */
  heard(): void;
  /**
   * Gives the answer to `take`, unless the stream has spoken since the request was begun: what it said last is newer,
   * or is followed by what is. Rejects as the request does.
   */
  ask<T>(request: () => Promise<T>, take: (answer: T) => void): Promise<T>;
}

export function createNewest(): Newest {
  let told = 0;
  return {
    heard() {
      told += 1;
    },
    async ask(request, take) {
      const before = told;
      const answer = await request();
      if (told === before) take(answer);
      return answer;
    },
  };
}
