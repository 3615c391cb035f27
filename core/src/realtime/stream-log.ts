import type { StreamMessage } from './contract.ts';

/** What is kept of one stream for those who come back; whichever limit is met first. */
export interface LogLimits {
  readonly messages: number;
  readonly ageMs: number;
  /** Characters of JSON; keeps a stream of large messages from taking the memory of a thousand of them. */
  readonly characters: number;
}

export const defaultLogLimits: LogLimits = { messages: 1_000, ageMs: 600_000, characters: 4_194_304 };

/** A message as it is kept: the name under which a client knows the stream is added on the way out. */
export type LoggedMessage = Omit<StreamMessage, 'stream'>;

export interface StreamLog {
  /** Changes whenever the numbering starts anew, so that a `seq` of before is never taken for one of now. */
  readonly epoch: string;
  /** Of the last message; 0 before the first. */
  seq(): number;
  append(type: string, data: unknown, at: number): void;
  /** Undefined when it is not kept any more, or not yet there. */
  at(seq: number): LoggedMessage | undefined;
  /** All messages after `seq`; null when some of them are gone or `seq` was never given out. */
  after(seq: number): LoggedMessage[] | null;
  expire(now: number): void;
}

export function createStreamLog(epoch: string, limits: LogLimits = defaultLogLimits): StreamLog {
  let kept: { readonly message: LoggedMessage; readonly characters: number }[] = [];
  /** Entries at the front of `kept` that are gone; cut off now and then, since a shift per message is slow. */
  let gone = 0;
  let characters = 0;
  let last = 0;

  const size = (): number => kept.length - gone;
  const dropFirst = (): void => {
    characters -= kept[gone]?.characters ?? 0;
    gone += 1;
    if (gone > limits.messages) {
      kept = kept.slice(gone);
      gone = 0;
    }
  };
  const expire = (now: number): void => {
    for (let first = kept[gone]; first && first.message.at < now - limits.ageMs; first = kept[gone])
      dropFirst();
  };
  const at = (seq: number): LoggedMessage | undefined => {
    const index = kept.length - 1 - (last - seq);
    return index < gone ? undefined : kept[index]?.message;
  };

  return {
    epoch,
    seq: () => last,
    append(type, data, now) {
      expire(now);
      // Copied: what the plugin does to its object later must not change what was said.
      const text = JSON.stringify(data) ?? 'null';
      last += 1;
      kept.push({
        message: { epoch, seq: last, type, data: JSON.parse(text), at: now },
        characters: text.length,
      });
      characters += text.length;
      while (size() > limits.messages || (characters > limits.characters && size() > 1)) dropFirst();
    },
    at,
    after(seq) {
      if (seq === last) return [];
      if (seq > last || !at(seq + 1)) return null;
      return kept.slice(kept.length - (last - seq)).map((entry) => entry.message);
    },
    expire,
  };
}
