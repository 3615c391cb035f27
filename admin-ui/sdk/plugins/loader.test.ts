import { describe, expect, it, vi } from 'vitest';
import { defineUi, type UiDefinition } from '../define-ui.ts';
import type { UiPlugin } from '../types.ts';
import { createLoader, resolveComponent, slotContribution } from './loader.ts';

const plugin: UiPlugin = {
  id: 'crm',
  version: '1.0.0',
  title: { 'zh-CN': '客户', en: 'Customers' },
  entry: '/ui/p/crm/1.0.0/index.js',
  css: ['/ui/p/crm/1.0.0/a.css'],
  pages: [],
  slots: [],
  widgets: [],
  locales: { en: '/api/core/ui/crm/locales/en' },
};
function setup(importModule: (url: string) => Promise<unknown>, timeout?: number) {
  const undone: string[] = [];
  const addMessages = vi.fn();
  const loader = createLoader({
    importModule,
    addMessages,
    fetchMessages: async () => ({ title: 'Customers' }),
    addStyle: (url) => () => void undone.push(url),
    setup: (_plugin, definition) => definition.setup?.({} as never),
    ...(timeout ? { timeout } : {}),
  });
  return { loader, undone, addMessages };
}
const ui = (definition: UiDefinition = {}) => ({ default: defineUi(definition) });

describe('[core-59] the plugin loader', () => {
  it('imports a module once, at its first use', async () => {
    const importModule = vi.fn(async () => ui());
    const { loader } = setup(importModule);
    expect(importModule).not.toHaveBeenCalled();
    await Promise.all([loader.load(plugin), loader.load(plugin)]);
    expect(importModule).toHaveBeenCalledExactlyOnceWith(plugin.entry);
    expect(loader.peek(plugin)).toBeDefined();
  });

  it('keeps the texts under the plugin’s id', async () => {
    const { loader, addMessages } = setup(async () => ui());
    await loader.load(plugin);
    expect(addMessages).toHaveBeenCalledWith('crm', { 'zh-CN': {}, en: { title: 'Customers' } });
  });

  it('tries again under another address, since a browser remembers a failed import', async () => {
    const urls: string[] = [];
    const { loader } = setup(async (url) => {
      urls.push(url);
      if (urls.length === 1) throw new Error('network');
      return ui();
    });
    await expect(loader.load(plugin)).rejects.toThrow('network');
    await loader.load(plugin);
    expect(urls).toEqual([plugin.entry, `${plugin.entry}?retry=1`]);
  });

  it('gives up on a module that does not come in time', async () => {
    const { loader } = setup(() => new Promise(() => undefined), 5);
    await expect(loader.load(plugin)).rejects.toThrow(/longer than/);
  });

  it('names a module without a definition', async () => {
    await expect(setup(async () => ({})).loader.load(plugin)).rejects.toThrow(
      'crm: the entry has no default export',
    );
  });

  it('undoes what was switched off or replaced by another version', async () => {
    const off = vi.fn();
    const { loader, undone } = setup(async () => ui({ setup: () => off }));
    await loader.load(plugin);
    loader.keepOnly([plugin]);
    expect(off).not.toHaveBeenCalled();
    loader.keepOnly([{ ...plugin, version: '1.1.0' }]);
    expect(off).toHaveBeenCalledOnce();
    expect(undone).toEqual(plugin.css);
    expect(loader.peek(plugin)).toBeUndefined();
  });
});

describe('what a definition names', () => {
  const component = { setup: () => () => null };
  it('may be a component or a function that imports one', async () => {
    expect(await resolveComponent(component)).toBe(component);
    expect(await resolveComponent(async () => ({ default: component }))).toBe(component);
  });
  it('may be a slot with a title or a bare component', () => {
    expect(slotContribution({ slots: { A: component } }, 'A')).toEqual({ component });
    expect(slotContribution({ slots: { A: { component, title: 't' } } }, 'A')).toEqual({
      component,
      title: 't',
    });
    expect(slotContribution({}, 'A')).toBeNull();
  });
});
