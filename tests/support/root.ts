import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the repository, from a source as from what it was compiled to. */
export const root = climb(import.meta.dirname);

function climb(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('This file is not in a checkout of Jackfield.');
  return climb(above);
}
