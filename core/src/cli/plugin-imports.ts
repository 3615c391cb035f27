/**
 * Follows the imports of a plugin's JavaScript, as Node and the browser will: from the server entry, each
 * migration and the entry of the pages. TypeScript is left to its compiler; what is shipped is built.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { entryPath, migrationsFolder } from '../plugins/entry.ts';
import type { EntryMode, PluginIdentity } from '../plugins/index.ts';

/** What the host's import map answers; `admin-ui/vite/shared-modules.mjs` has the same list (a test compares them). */
export const SHARED_MODULES: readonly string[] = [
  'vue',
  'vue-router',
  'pinia',
  'vue-i18n',
  'element-plus',
  '@jackfield/admin-ui/sdk',
];

const PackageJson = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});

/** One line for each import that will not work or is not allowed, and for each copy of a shared module. */
export async function checkImports(plugin: PluginIdentity, mode: EntryMode): Promise<string[]> {
  const { dir, manifest } = plugin;
  const { dependencies, peerDependencies } = PackageJson.parse(
    JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')),
  );
  const brought = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  const migrations = migrationsFolder(dir, mode);
  const serverFiles = [
    ...(manifest.server ? [entryPath(dir, manifest.server, mode)] : []),
    ...(existsSync(migrations) ? (await readdir(migrations)).map((name) => join(migrations, name)) : []),
  ];
  const pageFiles = manifest.ui ? [join(dir, manifest.ui.entry)] : [];
  const server = await follow(dir, serverFiles, (specifier) => refuseOnServer(specifier, brought));
  const pages = await follow(dir, pageFiles, refuseInPages);
  const copies = await Promise.all(pages.files.map((file) => copiesIn(dir, file)));
  const missing = pageFiles.length > 0 ? await missingComponents(plugin, pages.files) : [];
  return [...server.problems, ...pages.problems, ...missing, ...copies.flat()];
}

/** A name that stands nowhere in the code of the pages cannot be a key of its `defineUi`. */
async function missingComponents({ manifest }: PluginIdentity, files: readonly string[]): Promise<string[]> {
  const text = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
  const names = new Set(text.match(/[A-Za-z][A-Za-z0-9]*/g));
  const { pages, slots, widgets } = manifest.contributes;
  return Object.entries({ pages, slots, widgets }).flatMap(([part, entries]) =>
    entries
      .filter(({ component }) => !names.has(component))
      .map(
        ({ component }) => `contributes.${part}: defineUi() of ${manifest.ui?.entry} has no "${component}"`,
      ),
  );
}

function refuseOnServer(specifier: string, brought: ReadonlySet<string>): string | null {
  if (isBuiltin(specifier) || specifier === '@jackfield/core/sdk') return null;
  if (/^@jackfield\/plugin-[a-z0-9-]+\/contract$/.test(specifier)) return null;
  if (specifier.startsWith('@jackfield/')) {
    return 'is not public: only @jackfield/core/sdk and the contracts of other plugins are';
  }
  return brought.has(packageOf(specifier)) ? null : 'is not in dependencies of package.json';
}

function refuseInPages(specifier: string): string | null {
  return SHARED_MODULES.includes(specifier)
    ? null
    : `is not known to the browser: bundle it, only ${SHARED_MODULES.join(', ')} are there`;
}

/** `@scope/name/path` → `@scope/name` */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

async function follow(
  dir: string,
  entries: readonly string[],
  refuse: (specifier: string) => string | null,
): Promise<{ files: string[]; problems: string[] }> {
  const files = new Set(entries.filter((file) => /\.m?js$/.test(file) && existsSync(file)));
  const problems: string[] = [];
  // The set grows while it is walked.
  for (const file of files) {
    for (const { specifier, line } of await importsOf(dir, file, problems)) {
      const say = (what: string) =>
        problems.push(`${nameOf(dir, file)}:${line} imports "${specifier}", which ${what}`);
      if (isAbsolute(specifier) || /^[a-z]+:\/\//.test(specifier)) {
        say('leaves the folder of the plugin');
      } else if (/^\.\.?\//.test(specifier)) {
        const target = join(dirname(file), specifier);
        if (!target.startsWith(dir + sep)) say('leaves the folder of the plugin');
        else if (!existsSync(target)) say('is not there');
        else if (/\.m?js$/.test(target)) files.add(target);
      } else {
        const reason = refuse(specifier);
        if (reason) say(reason);
      }
    }
  }
  return { files: [...files], problems };
}

async function importsOf(
  dir: string,
  file: string,
  problems: string[],
): Promise<{ specifier: string; line: number }[]> {
  // Loaded here, so that the commands of a server without development tools do without it.
  const { init, parse } = await import('es-module-lexer');
  await init;
  const text = await readFile(file, 'utf8');
  try {
    const [imports] = parse(text, file);
    return imports.flatMap(({ n, s }) =>
      n === undefined ? [] : [{ specifier: n, line: text.slice(0, s).split('\n').length }],
    );
  } catch (error) {
    problems.push(
      `${nameOf(dir, file)} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return [];
  }
}

const SourceMap = z.object({ sources: z.array(z.string().nullable()) });
const SHARED_SOURCE =
  /\/node_modules\/(?:@vue\/(?:runtime-core|runtime-dom|reactivity|shared)|vue|vue-router|pinia|vue-i18n|element-plus)\/|\/admin-ui\/sdk\//;
/** In every copy of Vue's runtime, minified or not: the key of its fragments. */
const VUE_RUNTIME = /Symbol\.for\(\s*["'`]v-fgt["'`]\s*\)/;

/** By its source map when it has one; else Vue is known by its own code. */
async function copiesIn(dir: string, file: string): Promise<string[]> {
  const map = `${file}.map`;
  if (existsSync(map)) {
    const { sources } = SourceMap.parse(JSON.parse(await readFile(map, 'utf8')));
    const copies = sources.filter((source) => source !== null && SHARED_SOURCE.test(source));
    return copies.length > 0
      ? [
          `${nameOf(dir, file)} holds a copy of a module that the host shares: ${copies.slice(0, 3).join(', ')}`,
        ]
      : [];
  }
  return VUE_RUNTIME.test(await readFile(file, 'utf8'))
    ? [`${nameOf(dir, file)} holds a copy of vue, which the host shares`]
    : [];
}

function nameOf(dir: string, file: string): string {
  return relative(dir, file).split(sep).join('/');
}
