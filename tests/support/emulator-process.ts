import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './root.ts';

export interface EmulatorProcess {
  /** For FREESWITCH_URL. */
  readonly url: string;
  readonly port: number;
  readonly password: string;
  stop(): Promise<void>;
}

/** The emulator in a process of its own, so that calls outlive the server; on any free port unless one is given. */
export async function startEmulatorProcess(listenOn = 0): Promise<EmulatorProcess> {
  const password = 'emulator-of-a-test';
  const child = spawn(
    process.execPath,
    ['core/dist/src/freeswitch/emulator/main.js', '--port', String(listenOn), '--password', password],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const port = await new Promise<number>((done, fail) => {
    child.stdout.setEncoding('utf8').once('data', (line: string) => {
      const said: unknown = JSON.parse(line);
      if (typeof said === 'object' && said !== null && 'listening' in said) done(Number(said.listening));
      else fail(new Error(`The emulator said ${line}`));
    });
    child.once('exit', (code) => fail(new Error(`The emulator ended with ${code}`)));
  });
  return {
    url: `esl://:${password}@127.0.0.1:${port}`,
    port,
    password,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
