import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { findBinary, freePort, startChild, type TestServer } from './child-server.ts';

/** An empty Redis that keeps nothing; null when none is installed. `url` is `redis://127.0.0.1:<port>`. */
export async function startRedis(): Promise<TestServer | null> {
  const server = await findBinary('redis-server', 'valkey-server');
  if (!server) return null;
  const folder = await mkdtemp(path.join(tmpdir(), 'jackfield-redis-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const port = await freePort();
    const settings = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const child = await startChild(server, settings, () => answers(port));
    return {
      url: `redis://127.0.0.1:${port}`,
      async stop() {
        await child.stop();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function answers(port: number): Promise<boolean> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => null });
  // Without a listener the refused connection would be logged.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
