import type { Channel } from './channel.ts';

/** Runs on the channel's thread. Returning nothing means that it is done at once. */
export type ApplicationBody = (channel: Channel, arg: string) => Promise<void> | undefined;

export interface Application {
  readonly run: ApplicationBody;
  /** Does not bring up early media on an unanswered call by itself. */
  readonly withoutMedia: boolean;
}

export class ApplicationRegistry {
  readonly #applications = new Map<string, Application>();

  add(name: string, run: ApplicationBody, options: { withoutMedia?: boolean } = {}): void {
    this.#applications.set(name, { run, withoutMedia: options.withoutMedia ?? false });
  }

  get(name: string): Application | null {
    return this.#applications.get(name.toLowerCase()) ?? null;
  }
}
