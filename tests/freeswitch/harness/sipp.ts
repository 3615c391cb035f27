import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './changes.ts';
import { findProgram } from './find-freeswitch.ts';
import { freePorts, isTaken } from './ports.ts';
import { SAMPLE_RATE, toneFrame } from './tones.ts';

const SCENARIOS = fileURLToPath(new URL('../scenarios', import.meta.url));

export interface SippOptions {
  /** File name in tests/freeswitch/scenarios, without `.xml`. */
  readonly scenario: string;
  /** A profile of the switch. */
  readonly peer: { readonly address: string; readonly port: number };
  /** The number to dial. */
  readonly service?: string;
  /** Calls in all, and new ones a second. Default 1 and 10. */
  readonly calls?: number;
  readonly rate?: number;
  /** One line of fields for each call, `[field0]` and so on in the scenario. */
  readonly fields?: readonly (readonly string[])[];
  /** `-key name value`. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Local port to keep, so that an agent answers where it has registered. */
  readonly port?: number;
  readonly timeoutSec?: number;
  /** Frequency that it sends while it talks; 0, silence, unless given. */
  readonly tone?: number;
}

export interface SippRun {
  readonly port: number;
  /** Resolves when all calls went as the scenario says. @throws Error with SIPp's own account if one did not. */
  finished(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts SIPp with one of our scenarios, on loopback. */
export async function startSipp(options: SippOptions): Promise<SippRun> {
  const binary = findProgram('sipp');
  if (!binary) throw new Error('SIPp is not installed');
  const home = await mkdtemp(join(tmpdir(), 'jackfield-sipp-'));
  const [free = 0, media = 0] = await freePorts(2);
  const port = options.port ?? free;
  const { calls = 1, rate = 10, timeoutSec = 60, tone = 0, peer, service, fields, keys = {} } = options;
  const scenario = await prepare(options.scenario, tone, home);
  const args = [
    ...[`${peer.address}:${peer.port}`, '-sf', scenario],
    ...['-i', '127.0.0.1', '-p', String(port), '-mi', '127.0.0.1', '-mp', String(media - (media % 2))],
    ...[
      '-m',
      String(calls),
      '-r',
      String(rate),
      '-timeout',
      String(timeoutSec),
      '-timeout_error',
      '-nostdin',
      '-nd',
    ],
    ...[
      '-trace_err',
      '-error_file',
      join(home, 'errors.log'),
      '-trace_msg',
      '-message_file',
      join(home, 'messages.log'),
    ],
    ...(service ? ['-s', service] : []),
    ...Object.entries(keys).flatMap(([name, value]) => ['-key', name, value]),
  ];
  if (fields) {
    const file = join(home, 'fields.csv');
    await writeFile(file, ['SEQUENTIAL', ...fields.map((line) => `${line.join(';')};`), ''].join('\n'));
    args.push('-inf', file);
  }
  const child = spawn(binary, args, { cwd: home, stdio: 'ignore' });
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await eventually(() => child.exitCode !== null || isTaken(port), 'SIPp to listen');
  const remove = (): Promise<void> => rm(home, { recursive: true, force: true });
  return {
    port,
    async finished() {
      const code = await exit;
      const said = await report(home);
      await remove();
      if (code !== 0) throw new Error(`SIPp ended with ${code} in ${options.scenario}\n${said}`);
    },
    async stop() {
      await end(child, exit);
      await remove();
    },
  };
}

/** The scenario with its `{{voice}}`: the name of a file cannot be given to SIPp as a key. */
async function prepare(scenario: string, tone: number, home: string): Promise<string> {
  const voice = join(home, 'voice.alaw');
  const frames = Array.from({ length: SAMPLE_RATE / 160 }, (_, frame) => toneFrame(tone, frame));
  await writeFile(voice, Buffer.concat(frames));
  const text = await readFile(join(SCENARIOS, `${scenario}.xml`), 'utf8');
  const path = join(home, `${scenario}.xml`);
  await writeFile(path, text.replaceAll('{{voice}}', voice));
  return path;
}

async function report(home: string): Promise<string> {
  const read = (name: string): Promise<string> => readFile(join(home, name), 'utf8').catch(() => '');
  return `${(await read('errors.log')).slice(-2_000)}\n${(await read('messages.log')).slice(-4_000)}`;
}

async function end(child: ChildProcess, exit: Promise<unknown>): Promise<void> {
  if (child.exitCode === null) child.kill('SIGKILL');
  await exit;
}
