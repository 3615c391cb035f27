import type { PluginManifest } from './manifest.ts';

/** `dist`: the built files plugin.json names. `source`: the TypeScript beside them, for tests and development. */
export type EntryMode = 'dist' | 'source';

/** One plugin as it lies on disk; what every later step and every host service is told about it. */
export interface PluginIdentity {
  readonly id: string;
  /** From package.json. */
  readonly version: string;
  /** Absolute path of its folder. */
  readonly dir: string;
  readonly manifest: PluginManifest;
}
