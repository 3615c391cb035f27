/**
 * Finds the plugin that kills the process. A plugin's name is written to a file before its code runs and
 * taken out after; a name found there at the next start is the one that did not come back. It stays set
 * aside until the operator clears it or another version of it is installed.
 *
 * One file per process: two processes of one installation must not read each other's steps as crashes.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const EntrySchema = z.object({
  plugin: z.string(),
  version: z.string(),
  step: z.enum(['import', 'setup', 'start']),
});
const MarkerSchema = z.object({ running: EntrySchema.nullable(), crashed: z.array(EntrySchema) });
export type MarkedStep = z.output<typeof EntrySchema>;

export interface BootMarker {
  /** Plugins whose code was running when a process died, oldest first. */
  readonly crashed: readonly MarkedStep[];
  begin(step: MarkedStep): void;
  end(): void;
  /** Lets the plugin start again next time. */
  clear(pluginId: string): void;
}

/** Reads and writes synchronously: what is written must be on its way before the plugin's first line runs. */
export function openBootMarker(file: string): BootMarker {
  const before = read(file);
  let crashed = before.running
    ? [...before.crashed.filter(({ plugin }) => plugin !== before.running?.plugin), before.running]
    : before.crashed;
  if (before.running) write(file, { running: null, crashed });

  return {
    get crashed() {
      return crashed;
    },
    // Read anew each time: the operator may have cleared a plugin from the console meanwhile.
    begin: (running) => write(file, { running, crashed: read(file).crashed }),
    end: () => write(file, { running: null, crashed: read(file).crashed }),
    clear(pluginId) {
      const now = read(file);
      crashed = now.crashed.filter(({ plugin }) => plugin !== pluginId);
      write(file, { ...now, crashed });
    },
  };
}

type Marker = z.output<typeof MarkerSchema>;

function read(file: string): Marker {
  try {
    return MarkerSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Not there on the first start; a half-written one names nobody and must not keep the server down.
    return { running: null, crashed: [] };
  }
}

function write(file: string, marker: Marker): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(marker));
  renameSync(`${file}.new`, file);
}
