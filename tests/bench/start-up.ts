/**
 * Start-up and memory of the built server with all its plugins, each start in a process of its own: on an empty
 * data folder (schema, demo tenant and its passwords are made) and again on what the first one left.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServerProcess } from '../support/server-process.ts';
import { tell, times } from './bench.ts';

const RUNS = 5;

async function bareNode(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', '']), 'exit');
  return (performance.now() - start) / 1000;
}

/** Time on all cores, own and the kernel's, which a busy machine does not stretch. Linux counts it in hundredths. */
async function processorSeconds(pid: number): Promise<number> {
  const [user = 0, system = 0] = (await readFile(`/proc/${pid}/stat`, 'utf8'))
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

/** Seconds from the spawn to the socket that listens, and the megabytes that are resident when it is ready. */
async function startOn(dataDir: string): Promise<{ seconds: number; processor: number; megabytes: number }> {
  const start = performance.now();
  const server = await startServerProcess({ dataDir, env: { LOG_LEVEL: 'warn' } });
  const seconds = (performance.now() - start) / 1000;
  try {
    const processor = await processorSeconds(server.pid);
    for (;;) {
      const response = await fetch(`${server.url}/readyz`);
      await response.arrayBuffer();
      if (response.ok) break;
      if (performance.now() - start > 30_000) throw new Error(`The server is not ready:\n${server.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
    return { seconds, processor, megabytes: kilobytes / 1024 };
  } finally {
    await server.stop();
  }
}

const runs = await times(RUNS, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'jackfield-bench-'));
  try {
    return { node: await bareNode(), cold: await startOn(dataDir), warm: await startOn(dataDir) };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
const peer = { name: "node -e ''", runs: runs.map((run) => run.node) };
tell({
  what: 'start until listening, all plugins, on the data of an earlier start',
  unit: 's',
  runs: runs.map((run) => run.warm.seconds),
  peer,
  aim: { of: 'value', atMost: 2 },
});
tell({
  what: 'start until listening, all plugins, first start: schema and demo tenant are made',
  unit: 's',
  runs: runs.map((run) => run.cold.seconds),
  peer,
  aim: { of: 'value', atMost: 2 },
});
tell({
  what: 'processor time of the start, on the data of an earlier start',
  unit: 's',
  runs: runs.map((run) => run.warm.processor),
});
tell({
  what: 'processor time of the start, first start, passwords of the demo included',
  unit: 's',
  runs: runs.map((run) => run.cold.processor),
});
tell({
  what: 'resident memory when ready, all plugins',
  unit: 'MB',
  runs: runs.map((run) => run.warm.megabytes),
  aim: { of: 'value', atMost: 200 },
});
tell({
  what: 'resident memory when ready, all plugins, first start',
  unit: 'MB',
  runs: runs.map((run) => run.cold.megabytes),
  aim: { of: 'value', atMost: 200 },
});
