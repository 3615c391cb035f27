import { afterEach, describe, expect, it, vi } from 'vitest';
import { computed } from 'vue';
import { addMessages, serveTexts, setLocale, textsOf } from './i18n.ts';

describe('[core-52] the texts of another plugin', () => {
  afterEach(() => {
    serveTexts(null);
    setLocale('en');
  });

  it('are fetched when they are first asked for, and what shows them follows', async () => {
    setLocale('en');
    const source = vi.fn(async () => ({
      'zh-CN': { timeline: { fax: { 'page-sent': '已发送第 {n} 页' } } },
      en: { timeline: { fax: { 'page-sent': 'Page {n} sent' } } },
    }));
    serveTexts(source);
    const shown = computed(() => textsOf('fax').t('timeline.fax.page-sent', { n: 3 }));
    expect(shown.value).toBe('timeline.fax.page-sent');
    await vi.waitFor(() => expect(shown.value).toBe('Page 3 sent'));
    setLocale('zh-CN');
    expect(shown.value).toBe('已发送第 3 页');
    expect(source).toHaveBeenCalledExactlyOnceWith('fax');
  });

  it('are asked for again after a failure, and not while one is under way', async () => {
    const source = vi.fn(async () => Promise.reject<never>(new Error('network')));
    serveTexts(source);
    textsOf('pager');
    textsOf('pager');
    expect(source).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => {
      textsOf('pager');
      expect(source).toHaveBeenCalledTimes(2);
    });
  });

  it('are not fetched when the plugin’s own module has brought them', () => {
    const source = vi.fn(async () => ({ 'zh-CN': {}, en: {} }));
    serveTexts(source);
    addMessages('mail', { 'zh-CN': {}, en: { title: 'Mail' } });
    expect(textsOf('mail').t('title')).toBe('Mail');
    expect(source).not.toHaveBeenCalled();
  });
});
