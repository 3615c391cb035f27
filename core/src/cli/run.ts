/** The command `jackfield`: finds the command by its words, checks its arguments, and says what went wrong. */
import { parseArgs } from 'node:util';
import { ConfigError } from '../boot/config.ts';
import { JackfieldError } from '../errors/index.ts';
import { type Command, type CommandInput, type ExitCode, type Terminal, UsageError } from './command.ts';
import { migrateRepair, migrateStatus } from './migrate.ts';
import { pluginCheck } from './plugin-check.ts';
import { pluginClear } from './plugin-clear.ts';
import { pluginNew } from './plugin-new.ts';

const commands: readonly Command[] = [pluginNew, pluginCheck, pluginClear, migrateStatus, migrateRepair];

export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const command = commands.find(({ name }) => name.split(' ').every((word, at) => argv[at] === word));
  if (!command) return unknown(argv, terminal);
  try {
    const input = readInput(command, argv.slice(command.name.split(' ').length));
    if (input === 'help') {
      terminal.out(helpOf(command));
      return 0;
    }
    return await command.run(input, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`${error.message}\nUsage: ${usageOf(command)}`);
      return 2;
    }
    const known = JackfieldError.is(error) || error instanceof ConfigError;
    terminal.err(
      error instanceof Error ? ((known ? error.message : error.stack) ?? error.message) : String(error),
    );
    return 1;
  }
}

function readInput(command: Command, rest: readonly string[]): CommandInput | 'help' {
  const { values, positionals } = parsed(command, rest);
  if (values.help) return 'help';
  const [min, max] = command.arity;
  if (positionals.length < min) throw new UsageError('An argument is missing.');
  if (positionals.length > max) throw new UsageError(`"${positionals[max]}" is one argument too many.`);
  return { args: positionals, options: values };
}

function parsed(command: Command, rest: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    return { values: values as CommandInput['options'], positionals };
  } catch (error) {
    // What parseArgs throws is written for people.
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function unknown(argv: readonly string[], terminal: Terminal): ExitCode {
  const [first] = argv;
  if (first === '--help' || first === '-h') {
    terminal.out(list());
    return 0;
  }
  terminal.err(first === undefined ? list() : `There is no command "${argv.join(' ')}".\n\n${list()}`);
  return 2;
}

function list(): string {
  const width = Math.max(...commands.map((command) => usageOf(command).length));
  const lines = commands.map((command) => `  ${usageOf(command).padEnd(width)}  ${command.summary}`);
  return ['Commands:', ...lines, '', '--help after a command explains it.'].join('\n');
}

function usageOf({ name, usage }: Command): string {
  return `jackfield ${name} ${usage}`.trimEnd();
}

function helpOf(command: Command): string {
  return `${usageOf(command)}\n\n${command.summary}\n\n${command.help}\n\nEnds with 0 when all is well, 1 when something is wrong, 2 when it was called wrongly.`;
}
