import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of the FreeSWITCH binary: FREESWITCH_BIN, PATH, default prefix; null if there is none. */
export function findFreeSwitch(env: NodeJS.ProcessEnv = process.env): string | null {
  const onPath = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const places = [
    env.FREESWITCH_BIN ?? '',
    ...[...onPath, '/usr/local/freeswitch/bin'].map((dir) => join(dir, 'freeswitch')),
  ];
  return places.find((path) => path !== '' && isExecutable(path)) ?? null;
}

/** Path of a program on PATH, or null. */
export function findProgram(name: string): string | null {
  const dirs = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return dirs.map((dir) => join(dir, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
