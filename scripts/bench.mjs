import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { installIfNeeded, root, run } from './lib.mjs';

/**
 * Builds what is stale and runs the benches, each in a process of its own, one after the other. They measure and
 * assert nothing. `npm run bench -- http start-up` runs those two.
 */
await installIfNeeded();
await build();

const source = join(root, 'tests/bench');
const artifacts = join(root, 'tests/.artifacts');
const compiled = join(artifacts, 'bench');
rmSync(compiled, { recursive: true, force: true });
mkdirSync(artifacts, { recursive: true });
await run('node', ['node_modules/ts7/bin/tsc', '-p', 'tests/bench/tsconfig.json']);

// A bench begins with what it measures; what only helps one has no figure to tell.
const all = readdirSync(source)
  .filter(
    (file) => file.endsWith('.ts') && /^tell\(|^ *tell\(/m.test(readFileSync(join(source, file), 'utf8')),
  )
  .map((file) => file.slice(0, -'.ts'.length));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${all.join(', ')}.`);
  process.exit(1);
}

const loadBefore = loadavg()[0] ?? 0;
const figures = [];
const failed = [];
for (const name of asked.length > 0 ? asked : all) {
  process.stderr.write(`${name} …\n`);
  try {
    figures.push(...(await figuresOf(name)));
  } catch (error) {
    failed.push(name);
    process.stderr.write(`${name}: ${error.message}\n`);
  }
}
const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, Node.js ${process.versions.node}`;
writeFileSync(
  join(artifacts, 'bench.json'),
  `${JSON.stringify({ machine, at: new Date().toISOString(), figures }, null, 2)}\n`,
);
console.log(`\n${machine}; ${loadBefore.toFixed(1)} processes ran or waited for a core when it began\n`);
console.log(table(figures));
if (failed.length > 0) {
  console.log(`\nNot measured: ${failed.join(', ')}`);
  process.exitCode = 1;
}

function figuresOf(name) {
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', join(compiled, 'tests/bench', `${name}.js`)],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    child.on('error', fail);
    child.on('close', (code, signal) => {
      if (code !== 0) return fail(new Error(`ended with ${signal ?? code}`));
      done(
        said
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      );
    });
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length / 2) - 1)] ?? 0;
}

function number(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4;
  return value.toLocaleString('en-GB', { maximumFractionDigits: digits });
}

function row({ what, unit, runs, peer, aim }) {
  const value = median(runs);
  const ratio = peer ? value / median(peer.runs) : null;
  const judged = aim?.of === 'ratio' ? ratio : value;
  const met = aim && judged >= (aim.atLeast ?? -Infinity) && judged <= (aim.atMost ?? Infinity);
  const limit =
    aim &&
    `${aim.atLeast === undefined ? '≤' : '≥'} ${number(aim.atLeast ?? aim.atMost)}${aim.of === 'ratio' ? ' ×' : ''}`;
  return {
    what,
    median: number(value),
    spread: `${number(Math.min(...runs))}–${number(Math.max(...runs))}`,
    runs: String(runs.length),
    unit,
    'peer or limit': peer ? `${number(median(peer.runs))}: ${peer.name}` : '',
    ratio: ratio === null ? '' : `${number(ratio)} ×`,
    aim: limit ?? '',
    met: aim ? (met ? 'yes' : 'NO') : '',
  };
}

function table(list) {
  const rows = list.map(row);
  const columns = ['what', 'median', 'spread', 'runs', 'unit', 'peer or limit', 'ratio', 'aim', 'met'];
  const toTheRight = new Set(['median', 'spread', 'runs', 'ratio']);
  const width = Object.fromEntries(
    columns.map((name) => [name, Math.max(name.length, ...rows.map((one) => one[name].length))]),
  );
  const line = (cell) =>
    `| ${columns.map((name) => (toTheRight.has(name) ? cell(name).padStart(width[name]) : cell(name).padEnd(width[name]))).join(' | ')} |`;
  return [
    line((name) => name),
    line((name) => '-'.repeat(width[name])),
    ...rows.map((one) => line((name) => one[name])),
  ].join('\n');
}
