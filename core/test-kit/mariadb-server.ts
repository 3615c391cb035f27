import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { findBinary, freePort, startChild, type TestServer } from './child-server.ts';

/**
 * A MariaDB with an empty data folder; null when no server is installed. `url` is
 * `mysql://root@127.0.0.1:<port>`, without a database; put it in JACKFIELD_TEST_MYSQL for `testDatabases`.
 */
export async function startMariaDb(): Promise<TestServer | null> {
  const server = await findBinary('mariadbd', 'mysqld');
  const installer = await findBinary('mariadb-install-db', 'mysql_install_db');
  if (!server || !installer) return null;
  const folder = await mkdtemp(path.join(tmpdir(), 'jackfield-mariadb-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const dataDir = path.join(folder, 'data');
    // The server refuses to run as root unless it is told to; containers often have nobody else.
    const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
    await promisify(execFile)(installer, [
      '--no-defaults',
      `--datadir=${dataDir}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...asRoot,
    ]);
    const port = await freePort();
    const child = await startChild(server, [...serverArguments(folder, dataDir, port), ...asRoot], () =>
      answers(port),
    );
    return {
      url: `mysql://root@127.0.0.1:${port}`,
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

/** For speed: nothing here has to survive. */
function serverArguments(folder: string, dataDir: string, port: number): string[] {
  return [
    '--no-defaults',
    `--datadir=${dataDir}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-networking=OFF',
    `--socket=${path.join(folder, 'server.sock')}`,
    `--pid-file=${path.join(folder, 'server.pid')}`,
    `--tmpdir=${folder}`,
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-flush-method=nosync',
    '--innodb-doublewrite=0',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=16M',
    '--skip-log-bin',
    '--skip-name-resolve',
    '--performance-schema=OFF',
    '--max-connections=300',
    '--character-set-server=utf8mb4',
  ];
}

async function answers(port: number): Promise<boolean> {
  try {
    const connection = await mysql.createConnection({
      host: '127.0.0.1',
      port,
      user: 'root',
      connectTimeout: 2_000,
    });
    await connection.end();
    return true;
  } catch {
    return false;
  }
}
