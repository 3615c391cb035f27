import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { PluginIdentity } from './identity.ts';

/** Addresses a browser loads a plugin from. */
export interface UiAssets {
  readonly entry: string;
  readonly css: readonly string[];
  /** Locale → address of its messages. */
  readonly locales: Readonly<Record<string, string>>;
}

const LOCALES = ['zh-CN', 'en'] as const;

const Chunk = z.object({
  file: z.string(),
  isEntry: z.boolean().optional(),
  css: z.array(z.string()).optional(),
});
const ViteManifest = z.record(z.string(), Chunk);

/** The address of a plugin's built files; the version in it lets the browser keep them for ever. */
export function uiPrefix({ id, version }: PluginIdentity): string {
  return `/ui/p/${id}/${version}`;
}

/** The folder that is served under `uiPrefix`; null for a plugin without pages. */
export function uiFolder({ dir, manifest }: PluginIdentity): string | null {
  return manifest.ui ? join(dir, dirname(manifest.ui.entry)) : null;
}

/**
 * Null for a plugin without pages. All style sheets are listed, those of lazy chunks too: in library mode Vite
 * leaves it to the host to link them. Throws when the Vite manifest cannot be read.
 */
export async function readUiAssets(plugin: PluginIdentity): Promise<UiAssets | null> {
  const { ui } = plugin.manifest;
  if (!ui) return null;
  const prefix = uiPrefix(plugin);
  const chunks = ui.manifest
    ? ViteManifest.parse(JSON.parse(await readFile(join(plugin.dir, ui.manifest), 'utf8')))
    : {};
  const all = Object.values(chunks);
  const css = all.flatMap((chunk) => [
    ...(chunk.css ?? []),
    ...(chunk.file.endsWith('.css') ? [chunk.file] : []),
  ]);
  const entry = all.find(({ file, isEntry }) => isEntry && file.endsWith('.js'))?.file ?? basename(ui.entry);
  return {
    entry: `${prefix}/${entry}`,
    css: [...new Set(css)].map((file) => `${prefix}/${file}`),
    locales: Object.fromEntries(
      LOCALES.filter((locale) => existsSync(localeFile(plugin, locale))).map((locale) => [
        locale,
        `/api/core/ui/${plugin.id}/locales/${locale}?v=${plugin.version}`,
      ]),
    ),
  };
}

/** Messages of one language; null when the plugin has none. */
export async function readLocale(
  plugin: PluginIdentity,
  locale: (typeof LOCALES)[number],
): Promise<Record<string, unknown> | null> {
  const file = localeFile(plugin, locale);
  if (!existsSync(file)) return null;
  return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, 'utf8')));
}

function localeFile(plugin: PluginIdentity, locale: string): string {
  return join(plugin.dir, 'locales', `${locale}.json`);
}
