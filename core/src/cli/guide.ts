/**
 * The files of the guide for plugin authors. plugins/README.md is the one place where they are written: people
 * read them there, `plugin new` writes them under another name, and a test starts the server with them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { corePackageDir } from '../plugins/package-link.ts';

/** `plain`: JavaScript that needs no build. `built`: what is different with TypeScript and Vue files. */
export type GuidePart = 'plain' | 'built';
export interface GuideFile {
  /** Relative to the plugin's folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Id of the plugin in the guide, and its title. */
export const GUIDE_ID = 'hello-desk';
export const GUIDE_TITLE = 'Hello desk';

export function readGuide(): Promise<string> {
  return readFile(join(corePackageDir(), '../plugins/README.md'), 'utf8');
}

/** In the order of the page. A file that the page shows twice is in it twice, and the later one counts. */
export function guideFiles(markdown: string, part: GuidePart): GuideFile[] {
  const begin = `<!-- files: ${part} -->`;
  const from = markdown.indexOf(begin);
  const to = markdown.indexOf('<!-- files: end -->', from);
  if (from < 0 || to < 0) throw new Error(`plugins/README.md has no part "${begin}"`);
  // A paragraph that begins with the bold name of a file, and then the block.
  const block = /^\*\*`([^`\n]+)`\*\*(?:[^\n]*\n)+?\n```\w+\n([\s\S]*?)^```$/gm;
  return [...markdown.slice(from, to).matchAll(block)].map(([, path = '', text = '']) => ({ path, text }));
}
