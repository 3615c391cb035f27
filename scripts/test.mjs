import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { installIfNeeded, root, run } from './lib.mjs';

/**
 * Everything: lint, types, then all test projects on the servers that this machine has (MariaDB and Redis of
 * our own, started on free ports in private folders). `npm test -- <vitest arguments>` runs a part.
 */
await installIfNeeded();
await build();

const { startMariaDb } = await import(join(root, 'core/dist/test-kit/mariadb-server.js'));
const { startRedis } = await import(join(root, 'core/dist/test-kit/redis-server.js'));
const mariadb = await startMariaDb();
const redis = await startRedis();
if (!mariadb) console.log('MariaDB is not installed: its half of the database tests is skipped.');
if (!redis) console.log('Redis is not installed: the Bull half of the job tests is skipped.');

const artifacts = join(root, 'tests/.artifacts');
mkdirSync(artifacts, { recursive: true });
const report = join(artifacts, 'vitest.json');
rmSync(report, { force: true });

const part = process.argv.slice(2);
let failed = false;
try {
  if (part.length === 0) {
    await run('npx', ['biome', 'check', '.']).catch(() => {
      failed = true;
    });
    await run('npm', ['run', '--silent', 'typecheck']).catch(() => {
      failed = true;
    });
  }
  const code = await new Promise((done) => {
    const child = spawn(
      'npx',
      ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...part],
      {
        cwd: root,
        stdio: 'inherit',
        env: {
          ...process.env,
          ...(mariadb ? { JACKFIELD_TEST_MYSQL: mariadb.url } : {}),
          ...(redis ? { JACKFIELD_TEST_REDIS: redis.url } : {}),
        },
      },
    );
    child.on('exit', (exit) => done(exit ?? 1));
  });
  failed ||= code !== 0;
} finally {
  await mariadb?.stop();
  await redis?.stop();
}

const counts = JSON.parse(readFileSync(report, 'utf8'));
const suites = counts.numFailedTestSuites > 0 && counts.numFailedTests === 0 ? counts.numFailedTestSuites : 0;
console.log(
  `\n${counts.numPassedTests} passed, ${counts.numFailedTests + suites} failed, ${counts.numPendingTests + counts.numTodoTests} skipped`,
);
process.exitCode = failed ? 1 : 0;
