import { type Component, shallowReactive } from 'vue';
import type { ComponentSource, MessageTree, SlotContribution, UiDefinition } from '../define-ui.ts';
import type { addMessages } from '../i18n.ts';
import type { Locale, UiPlugin } from '../types.ts';

/** Longer than this and the user is told, with a button to try again. */
export const LOAD_TIMEOUT_MS = 15_000;

export interface LoadedPlugin {
  readonly plugin: UiPlugin;
  readonly definition: UiDefinition;
  /** Undoes `setup` and takes the style sheets away. */
  unload(): void;
}
export interface LoaderDependencies {
  readonly importModule: (url: string) => Promise<unknown>;
  readonly addStyle: (url: string) => () => void;
  /** Reads a plugin's locales/<locale>.json. */
  readonly fetchMessages: (url: string) => Promise<MessageTree>;
  readonly setup: (plugin: UiPlugin, definition: UiDefinition) => (() => void) | undefined;
  readonly addMessages: typeof addMessages;
  readonly timeout?: number;
}

const keyOf = (plugin: UiPlugin) => `${plugin.id}@${plugin.version}`;

function isDefinition(value: unknown): value is UiDefinition {
  return typeof value === 'object' && value !== null;
}

async function withTimeout<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Imports each plugin's module once, at its first use. A failed import is forgotten, so that a retry is one. */
export function createLoader(dependencies: LoaderDependencies) {
  const timeout = dependencies.timeout ?? LOAD_TIMEOUT_MS;
  const running = new Map<string, Promise<LoadedPlugin>>();
  const loaded = shallowReactive(new Map<string, LoadedPlugin>());
  const failures = new Map<string, number>();

  /** Both languages at once: switching the language must not wait for the network. */
  async function fetchTexts(plugin: UiPlugin): Promise<Record<Locale, MessageTree>> {
    const one = async (locale: Locale) => {
      const url = plugin.locales?.[locale];
      return url ? dependencies.fetchMessages(url) : {};
    };
    const [zh, en] = await Promise.all([one('zh-CN'), one('en')]);
    return { 'zh-CN': zh, en };
  }

  async function importPlugin(plugin: UiPlugin): Promise<LoadedPlugin> {
    if (plugin.entry === null) throw new Error(`${plugin.id} has no user interface`);
    const failed = failures.get(keyOf(plugin)) ?? 0;
    // A browser remembers a failed import under its address; another query is another address.
    const url = failed === 0 ? plugin.entry : `${plugin.entry}?retry=${failed}`;
    const work = Promise.all([dependencies.importModule(url), fetchTexts(plugin)]);
    const [module, texts] = await withTimeout(work, timeout, `loading ${plugin.id}`);
    const definition =
      typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
    if (!isDefinition(definition))
      throw new Error(`${plugin.id}: the entry has no default export made with defineUi()`);
    dependencies.addMessages(plugin.id, texts);
    if (definition.messages) dependencies.addMessages(plugin.id, definition.messages);
    const undoSetup = dependencies.setup(plugin, definition);
    const undoStyles = plugin.css.map((href) => dependencies.addStyle(href));
    return {
      plugin,
      definition,
      unload() {
        undoSetup?.();
        for (const undo of undoStyles) undo();
      },
    };
  }

  return {
    /** The module if it is there already; follows later loads. */
    peek: (plugin: UiPlugin): LoadedPlugin | undefined => loaded.get(keyOf(plugin)),
    load(plugin: UiPlugin): Promise<LoadedPlugin> {
      const key = keyOf(plugin);
      let work = running.get(key);
      if (!work) {
        work = importPlugin(plugin).then(
          (result) => {
            loaded.set(key, result);
            return result;
          },
          (error: unknown) => {
            failures.set(key, (failures.get(key) ?? 0) + 1);
            running.delete(key);
            throw error;
          },
        );
        running.set(key, work);
      }
      return work;
    },
    /** Drops what is no longer switched on, or was replaced by another version. */
    keepOnly(plugins: readonly UiPlugin[]): void {
      const keep = new Set(plugins.map(keyOf));
      for (const [key, one] of loaded) {
        if (keep.has(key)) continue;
        loaded.delete(key);
        running.delete(key);
        one.unload();
      }
    },
  };
}
export type Loader = ReturnType<typeof createLoader>;

const isContribution = (value: ComponentSource | SlotContribution): value is SlotContribution =>
  typeof value === 'object' &&
  'component' in value &&
  typeof value.component !== 'undefined' &&
  !('setup' in value) &&
  !('render' in value);

export function slotContribution(definition: UiDefinition, name: string): SlotContribution | null {
  const value = definition.slots?.[name];
  if (!value) return null;
  return isContribution(value) ? value : { component: value };
}

/** The component itself; a source that is a function is an import. */
export async function resolveComponent(
  source: ComponentSource,
  timeout = LOAD_TIMEOUT_MS,
): Promise<Component> {
  if (typeof source !== 'function') return source;
  const result = await withTimeout(
    (source as () => Promise<{ default: Component } | Component>)(),
    timeout,
    'loading a page',
  );
  return 'default' in result ? (result.default as Component) : (result as Component);
}

let theLoader: Loader | null = null;
/** Host only. */
export function installLoader(loader: Loader): void {
  theLoader = loader;
}
export function pluginLoader(): Loader {
  if (!theLoader) throw new Error('the host has not installed the plugin loader');
  return theLoader;
}
