import type { ParseArgsConfig } from 'node:util';
import type { EntryMode } from '../plugins/index.ts';

/** Where a command runs and speaks; given, so that tests run commands without a process of their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Of the plugins of this installation: built in the product, sources in tests. */
  readonly mode: EntryMode;
  out(text: string): void;
  err(text: string): void;
}

export interface CommandInput {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** 0 all is well · 1 something is wrong · 2 called wrongly. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  /** Words that name it, such as `plugin new`. */
  readonly name: string;
  /** What follows the name: `<id> [--dir <folder>]`. */
  readonly usage: string;
  /** One line for the list. */
  readonly summary: string;
  /** The rest of `--help`. */
  readonly help: string;
  readonly arity: readonly [min: number, max: number];
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  run(input: CommandInput, terminal: Terminal): Promise<ExitCode>;
}

/** Called wrongly: the message says how, and the usage follows. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
