import type { JackfieldError } from '../../errors/index.ts';
import { checkChannelId } from './escape.ts';
import { refusal, type SwitchLink } from './link.ts';

/** One playback or prompt: at most one runs per channel. */
export interface MediaTask<T> {
  /** Sends it and waits for its end. `stopping()` tells whether it has been asked to stop. */
  run(stopping: () => boolean): Promise<T>;
  /** What ends it besides a break, once it runs; tried when a break did not. */
  nudge?(): Promise<void>;
  /** The result when it is stopped before it began, or when FreeSWITCH threw it away unheard. */
  skipped(): T;
}

interface Entry {
  stopping: boolean;
  nudge(): Promise<void>;
  begin(): Promise<void>;
  /** Settles the caller's promise, once. */
  skip(): void;
  fail(error: Error): void;
}

interface Channel {
  current: Entry | null;
  readonly waiting: Entry[];
}

/** Between two attempts to stop a playback: a break hits only what runs in that moment. */
const BREAK_AGAIN_MS = 200;
const BREAK_ATTEMPTS = 3;

/**
 * The order of playbacks per channel, kept here and not in FreeSWITCH: `uuid_break all` throws queued commands away
 * without any event, so what is queued there cannot be told from what is lost.
 */
export class MediaQueue {
  private readonly link: SwitchLink;
  private readonly channels = new Map<string, Channel>();

  constructor(link: SwitchLink) {
    this.link = link;
  }

  run<T>(uuid: string, task: MediaTask<T>): Promise<T> {
    const channel = this.channels.get(uuid) ?? { current: null, waiting: [] };
    this.channels.set(uuid, channel);
    return new Promise<T>((resolve, reject) => {
      const entry: Entry = {
        stopping: false,
        nudge: async () => task.nudge?.(),
        begin: () => task.run(() => entry.stopping).then(resolve, reject),
        skip: () => resolve(task.skipped()),
        fail: reject,
      };
      channel.waiting.push(entry);
      this.next(uuid, channel);
    });
  }

  /** Stops what runs and settles what waits behind it. */
  async stop(uuid: string): Promise<void> {
    checkChannelId(uuid);
    const channel = this.channels.get(uuid);
    for (const entry of channel?.waiting.splice(0) ?? []) entry.skip();
    const entry = channel?.current;
    if (entry) entry.stopping = true;
    for (let attempt = 0; attempt < BREAK_ATTEMPTS; attempt++) {
      const reply = await this.link.api(`uuid_break ${uuid} all`);
      if (!reply.ok) throw await refusal(this.link, uuid, reply.text);
      if (!entry || channel.current !== entry) return;
      if (await this.endsWithin(channel, entry, BREAK_AGAIN_MS)) return;
      await entry.nudge();
    }
    // FreeSWITCH had queued it and threw it away: no event will ever tell
    entry?.skip();
    if (channel && channel.current === entry) this.done(uuid, channel);
  }

  rejectAll(error: JackfieldError): void {
    for (const channel of this.channels.values()) {
      for (const entry of channel.waiting.splice(0)) entry.fail(error);
      channel.current?.fail(error);
    }
    this.channels.clear();
  }

  private next(uuid: string, channel: Channel): void {
    if (channel.current) return;
    const entry = channel.waiting.shift();
    if (!entry) {
      this.channels.delete(uuid);
      return;
    }
    channel.current = entry;
    entry.begin().finally(() => {
      if (channel.current === entry) this.done(uuid, channel);
    });
  }

  private done(uuid: string, channel: Channel): void {
    channel.current = null;
    for (const wake of this.wakers.splice(0)) wake();
    if (this.channels.get(uuid) === channel) this.next(uuid, channel);
  }

  private readonly wakers: (() => void)[] = [];

  private endsWithin(channel: Channel, entry: Entry, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.link.timers.after(ms, () => resolve(false));
      const look = (): void => {
        if (channel.current === entry) {
          this.wakers.push(look);
          return;
        }
        cancel();
        resolve(true);
      };
      look();
    });
  }
}
