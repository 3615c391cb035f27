import type { Channel } from './channel.ts';
import type { SwitchCore } from './switch-core.ts';

/** Who asks: the hook of a channel, or nobody in particular. */
export interface ApiContext {
  readonly channel?: Channel;
}

/** The text that the command prints, which may come later (originate, msleep). */
export type ApiCommand = (args: string, context: ApiContext) => string | Promise<string>;

export class ApiRegistry {
  readonly #core: SwitchCore;
  readonly #commands = new Map<string, ApiCommand>();

  constructor(core: SwitchCore) {
    this.#core = core;
  }

  add(name: string, command: ApiCommand): void {
    this.#commands.set(name, command);
  }

  has(name: string): boolean {
    return this.#commands.has(name.toLowerCase());
  }

  /**
   * Runs a command and fires the `API` event after it.
   * @returns what it printed, perhaps nothing; `-ERR x Command not found!` for an unknown one
   */
  run(name: string, args: string, context: ApiContext = {}): string | Promise<string> {
    const command = this.#commands.get(name.toLowerCase());
    if (!command) return `-ERR ${name} Command not found!\n`;
    const printed = command(args, context);
    const done = (text: string) => {
      this.#core.fireApi(name, args);
      return text;
    };
    return typeof printed === 'string' ? done(printed) : printed.then(done);
  }
}
