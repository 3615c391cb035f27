/** The plugin of plugins/README.md in a folder outside of the repository, as its reader makes it. */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { GUIDE_ID, type GuideFile, type GuidePart, guideFiles } from '../../core/src/cli/guide.ts';
import { tempDir } from './plugin-host.support.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const guide = readFileSync(join(ROOT, 'plugins/README.md'), 'utf8');

export const files = (part: GuidePart): GuideFile[] => guideFiles(guide, part);

/** The folder of the plugin; files that come twice end as their last form. */
export function writeGuide(list: readonly GuideFile[], dir = join(tempDir(), GUIDE_ID)): string {
  for (const { path, text } of list) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

/** The second half: files are replaced, plugin.json changed, and the tools linked as `npm install` links them. */
export function turnIntoTypeScript(dir: string): void {
  for (const path of ['server/index.js', 'server/greet-node.js', 'ui/index.js']) rmSync(join(dir, path));
  writeGuide(files('built'), dir);
  const [, change = ''] = /<!-- change: plugin\.json -->\n+```json\n([\s\S]*?)```/.exec(guide) ?? [];
  const manifest = { ...readJson(join(dir, 'plugin.json')), ...JSON.parse(change) };
  writeFileSync(join(dir, 'plugin.json'), JSON.stringify(manifest, null, 2));

  const { devDependencies } = readJson(join(dir, 'package.json')) as {
    devDependencies: Record<string, string>;
  };
  for (const name of Object.keys(devDependencies)) {
    const link = join(dir, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link, 'junction');
  }
}

/** First column of the table that follows `<!-- reference: name -->`, each name in backticks by itself. */
export function referenceOf(name: string): string[] {
  const [, rest = ''] = guide.split(`<!-- reference: ${name} -->`);
  const [table = ''] = rest.trimStart().split('\n\n');
  return table.split('\n').flatMap((row) => {
    const [, first = ''] = row.split('|');
    return [...first.matchAll(/`([^`]+)`/g)].map(([, entry = '']) => entry);
  });
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8'));
}
