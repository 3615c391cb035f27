import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.ts';

export interface ServerProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  /** All that was logged, JSON lines and the banner. */
  output(): string;
  /** What was logged as an error or worse. */
  errors(): string[];
  /** Password of a demo account, such as `amy@acme`. */
  password(): Promise<string>;
  /** SIGKILL: nothing is closed, nothing is said. */
  kill(): Promise<void>;
  /** The same server again, on the same data and port. */
  restart(): Promise<ServerProcess>;
  /** SIGTERM, and the data folder is removed. */
  stop(): Promise<void>;
}

export interface ServerProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
  readonly port?: number;
}

/** The built product in a process of its own, as `npm start` runs it. */
export async function startServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const main = join(root, 'core/dist/src/main.js');
  if (!existsSync(main)) throw new Error('The product is not built: run `npm run build` first.');
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'jackfield-process-')));
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      HOST: '127.0.0.1',
      PORT: String(options.port ?? 0),
      DATA_DIR: dataDir,
      ...options.env,
    },
  });
  const chunks: string[] = [];
  const output = () => chunks.join('');
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  const url = await listening(child, output);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return {
    url,
    dataDir,
    pid: child.pid ?? 0,
    output,
    // pino's levels: 50 is error, 60 fatal.
    errors: () =>
      output()
        .split('\n')
        .filter((line) => /^\{"level":[56]0,/.test(line)),
    async password() {
      const text = await readFile(join(dataDir, 'demo.txt'), 'utf8');
      const password = /^operator\s+(\S+)/m.exec(text)?.[1];
      if (!password) throw new Error('There is no demo password.');
      return password;
    },
    kill: () => end('SIGKILL'),
    restart: () => startServerProcess({ ...options, dataDir, port: Number(new URL(url).port) }),
    async stop() {
      await end('SIGTERM');
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess, output: () => string): Promise<string> {
  return await new Promise((done, fail) => {
    const check = () => {
      const url = /Jackfield runs at (\S+)/.exec(output())?.[1];
      if (url) done(url);
    };
    child.stdout?.on('data', check);
    child.once('exit', (code, signal) =>
      fail(new Error(`The server ended (${signal ?? code}):\n${output().slice(-4000)}`)),
    );
    child.once('error', fail);
  });
}
