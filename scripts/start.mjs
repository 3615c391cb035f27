import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';
import { installIfNeeded, root } from './lib.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Jackfield needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
await installIfNeeded();
await build();
const server = spawn(process.execPath, ['--enable-source-maps', join(root, 'core/dist/src/main.js')], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
});
