import { execFile } from 'node:child_process';
import { mkdirSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { linkSdk } from '../../core/src/plugins/package-link.ts';
import { tempDir, writePlugin } from './plugin-host.support.ts';

/** A stand-in for the built core: the same package name and exports, three lines of code. */
function writeCore(version: string): string {
  const dir = join(tempDir(), 'core');
  mkdirSync(join(dir, 'dist'), { recursive: true });
  writeFileSync(
    join(dir, 'package.json'),
    JSON.stringify({
      name: '@jackfield/core',
      version,
      type: 'module',
      exports: { './sdk': './dist/sdk.js' },
    }),
  );
  writeFileSync(
    join(dir, 'dist', 'sdk.js'),
    `export const definePlugin = (definition) => ({ ...definition, by: '${version}' });`,
  );
  writeFileSync(join(dir, 'dist', 'inside.js'), 'export const secret = 1;');
  return dir;
}
const run = promisify(execFile);
const node = async (code: string) =>
  (await run(process.execPath, ['--input-type=module', '-e', code])).stdout.trim();

let plugins: string;
let plugin: string;
beforeEach(() => {
  plugins = tempDir();
  plugin = writePlugin(
    plugins,
    'notes',
    `import { definePlugin } from '@jackfield/core/sdk'; export default definePlugin({});`,
  );
});
const load = () =>
  node(`console.log((await import(${JSON.stringify(join(plugin, 'server.js'))})).default.by)`);

describe('a plugin outside the workspace, in plain Node', () => {
  it('finds the sdk of the server it runs in, without an npm install', async () => {
    await expect(load()).rejects.toThrow('ERR_MODULE_NOT_FOUND');
    await linkSdk(plugin, writeCore('0.1.0'));
    expect(await load()).toBe('0.1.0');
  });

  it('shares one copy of it with the server', async () => {
    const core = writeCore('0.1.0');
    await linkSdk(plugin, core);
    const same = `const a = await import(${JSON.stringify(join(core, 'dist/sdk.js'))});
      const { createRequire } = await import('node:module');
      const b = await import(createRequire(${JSON.stringify(join(plugin, 'server.js'))}).resolve('@jackfield/core/sdk'));
      console.log(a === b)`;
    expect(await node(same)).toBe('true');
  });

  it('reaches nothing of the core but its public entries', async () => {
    await linkSdk(plugin, writeCore('0.1.0'));
    writeFileSync(join(plugin, 'server.js'), `import '@jackfield/core/dist/inside.js';`);
    await expect(load()).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('follows the server to its next version', async () => {
    await linkSdk(plugin, writeCore('0.1.0'));
    await linkSdk(plugin, writeCore('0.2.0'));
    expect(await load()).toBe('0.2.0');
  });

  it('leaves a copy alone that npm has put there', async () => {
    const own = join(plugins, 'node_modules', '@jackfield', 'core');
    mkdirSync(own, { recursive: true });
    writeFileSync(
      join(own, 'package.json'),
      JSON.stringify({ name: '@jackfield/core', exports: { './sdk': './sdk.js' } }),
    );
    writeFileSync(join(own, 'sdk.js'), `export const definePlugin = () => ({ by: 'npm' });`);
    await linkSdk(plugin, writeCore('0.1.0'));
    expect(await load()).toBe('npm');
    expect(realpathSync(own)).toBe(own);
  });

  it('does not touch the folder of the plugin, whose contents are signed', async () => {
    await linkSdk(plugin, writeCore('0.1.0'));
    expect(readlinkSync(join(plugins, 'node_modules', '@jackfield', 'core'))).toContain('core');
    expect(() => realpathSync(join(plugin, 'node_modules'))).toThrow('ENOENT');
  });
});
