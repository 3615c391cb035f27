import { chmodSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { newest, root, run } from './lib.mjs';

const steps = [
  {
    name: 'server',
    sources: ['core', 'plugins', 'migrations', 'tsconfig.base.json', 'tsconfig.server.json'],
    run: async () => {
      await run('node', ['node_modules/ts7/bin/tsc', '-b', 'tsconfig.server.json']);
      linkCommand();
    },
  },
  {
    name: 'admin-ui',
    sources: ['admin-ui', 'themes'],
    run: () => run('npm', ['run', 'build', '--silent', '-w', 'admin-ui']),
  },
  {
    name: 'plugin pages',
    sources: ['plugins', 'admin-ui/vite', 'admin-ui/sdk', 'scripts/build-plugin-ui.mjs'],
    run: () => run('node', ['scripts/build-plugin-ui.mjs']),
  },
];

/** `npx jackfield`: npm links a command only if its file is there when it installs, which is before the build. */
function linkCommand() {
  const bin = join(root, 'node_modules/.bin/jackfield');
  const command = join(root, 'core/dist/src/cli.js');
  chmodSync(command, 0o755);
  rmSync(bin, { force: true });
  // Windows has its own kind of link for commands; there it is `node core/dist/src/cli.js`.
  if (process.platform !== 'win32') symlinkSync(relative(dirname(bin), command), bin);
}

/** Builds what has changed since the last build; each step leaves a stamp. */
export async function build({ force = false } = {}) {
  const stamps = join(root, 'node_modules', '.jackfield');
  mkdirSync(stamps, { recursive: true });
  for (const step of steps) {
    const stamp = join(stamps, step.name.replaceAll(' ', '-'));
    if (!force && existsSync(stamp) && statSync(stamp).mtimeMs > newest(step.sources)) continue;
    console.log(`Building ${step.name} …`);
    await step.run();
    writeFileSync(stamp, new Date().toISOString());
  }
}

if (process.argv[1]?.endsWith('build.mjs')) await build({ force: process.argv.includes('--force') });
