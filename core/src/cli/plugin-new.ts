import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { tablePrefix } from '../data/define-entity.ts';
import { parseManifest } from '../plugins/manifest.ts';
import { type Command, UsageError } from './command.ts';
import { GUIDE_ID, GUIDE_TITLE, type GuideFile, guideFiles, readGuide } from './guide.ts';

export const pluginNew: Command = {
  name: 'plugin new',
  usage: '<id> [--dir <folder>]',
  summary: 'Writes a small plugin to begin with: a route, a table, an IVR node, a hook tap and a page.',
  help: [
    'It is the plugin of plugins/README.md under the name <id>, in <folder>/<id>; <folder> is the current one',
    'unless given. The id is lower-case letters, digits and single hyphens, and stays for ever: tables, routes',
    'and permissions begin with it.',
  ].join('\n'),
  arity: [1, 1],
  options: { dir: { type: 'string' } },
  async run({ args: [id = ''], options }, { cwd, out }) {
    const folder = resolve(cwd, typeof options.dir === 'string' ? options.dir : '.');
    const files = renamed(guideFiles(await readGuide(), 'plain'), id);
    checkId(id, files);
    const dir = join(folder, id);
    if ((await entriesOf(dir)).length > 0) throw new UsageError(`${dir} is there already and not empty.`);
    for (const { path, text } of files) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    out(
      [
        `${dir} is written:`,
        ...[...new Set(files.map(({ path }) => path))].map((path) => `  ${path}`),
        '',
        `Check it:  npx jackfield plugin check ${dir}`,
        `Start it:  PLUGIN_DIRS=${folder} npm start`,
        'On a server that has data already, switch it on at Administration → Functions.',
      ].join('\n'),
    );
    return 0;
  },
};

/** The example's names in all the forms in which they occur. */
export function renamed(files: readonly GuideFile[], id: string): GuideFile[] {
  const title = id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ');
  return files.map(({ path, text }) => ({
    path,
    text: text
      .replaceAll(tablePrefix(GUIDE_ID), tablePrefix(id))
      .replaceAll(GUIDE_ID, id)
      .replaceAll(GUIDE_TITLE, title),
  }));
}

function checkId(id: string, files: readonly GuideFile[]): void {
  const manifest = files.findLast(({ path }) => path === 'plugin.json');
  const result = parseManifest({ ...Object(JSON.parse(manifest?.text ?? '{}')), id });
  if (result.ok) return;
  const problem = result.problems.find((each) => each.startsWith('id:')) ?? result.problems[0] ?? '';
  throw new UsageError(`"${id}" cannot be the id of a plugin (${problem}).`);
}

async function entriesOf(dir: string): Promise<string[]> {
  return readdir(dir).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
}
