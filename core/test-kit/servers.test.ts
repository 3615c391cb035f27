import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { findBinary, startChild } from './child-server.ts';
import { startMariaDb } from './mariadb-server.ts';
import { startRedis } from './redis-server.ts';

const mariadb = await findBinary('mariadbd', 'mysqld');
const redis = await findBinary('redis-server', 'valkey-server');

describe('the servers of the tests', () => {
  it.runIf(mariadb)('start an empty MariaDB and stop it', async () => {
    const server = await startMariaDb();
    expect(server?.url).toMatch(/^mysql:\/\/root@127\.0\.0\.1:\d+$/);
    const connect = () => mysql.createConnection(server?.url ?? '');
    const connection = await connect();
    await connection.query('CREATE DATABASE one');
    await connection.end();
    await server?.stop();
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.runIf(redis)('start an empty Redis and stop it', async () => {
    const server = await startRedis();
    const client = new Redis(server?.url ?? '', { maxRetriesPerRequest: 1 });
    expect(await client.dbsize()).toBe(0);
    client.disconnect();
    await server?.stop();
  });

  it('say why a server did not start', async () => {
    const failing = startChild(
      process.execPath,
      ['-e', 'console.error("no port"); process.exit(3)'],
      async () => false,
    );
    await expect(failing).rejects.toThrow('did not start: no port');
  });
});
