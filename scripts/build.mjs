import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newest, root, run } from './lib.mjs';

const steps = [
  {
    name: 'server',
    sources: ['core', 'plugins', 'migrations', 'tsconfig.base.json', 'tsconfig.server.json'],
    run: () => run('node', ['node_modules/ts7/bin/tsc', '-b', 'tsconfig.server.json']),
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
