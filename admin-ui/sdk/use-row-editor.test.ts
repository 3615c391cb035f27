import { beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope } from 'vue';
import { usePage } from './use-page.ts';
import { useRowEditor } from './use-row-editor.ts';

interface Row {
  readonly id: string;
  readonly name: string;
}

const heard = vi.hoisted(() => ({ deleted: [] as string[], said: [] as string[], isSure: true }));
vi.mock('./api/index.ts', () => ({
  api: { delete: async (path: string) => void heard.deleted.push(path) },
}));
vi.mock('./notify.ts', () => ({
  confirmDanger: async ({ title }: { title: string }) => {
    heard.said.push(title);
    return heard.isSure;
  },
  notify: { success: (text: string) => void heard.said.push(text) },
}));

const ada: Row = { id: '1', name: 'Ada' };
const bob: Row = { id: '2', name: 'Bob' };

describe('the editor of a list’s rows', () => {
  beforeEach(() => Object.assign(heard, { deleted: [], said: [], isSure: true }));

  function setup(
    options: Partial<Parameters<typeof useRowEditor<Row, { name: string; vip: boolean }>>[0]> = {},
  ) {
    const saved: unknown[] = [];
    const refresh = vi.fn(async () => ({ items: [], nextCursor: null }));
    const page = effectScope().run(() => usePage<Row>(refresh, { immediate: false }));
    if (!page) throw new Error('no page');
    const editor = useRowEditor<Row, { name: string; vip: boolean }>({
      page,
      path: 'crm/people',
      empty: () => ({ name: '', vip: false }),
      modelOf: ({ name }) => ({ name }),
      save: async (model, row) => void saved.push([{ ...model }, row?.id ?? null]),
      deletion: ({ name }) => ({ title: `Delete ${name}?`, text: '' }),
      ...options,
    });
    return { editor, saved, refresh };
  }

  it('opens an empty form for a new row, whatever was in it before', async () => {
    const { editor } = setup();
    await editor.edit(ada);
    editor.model.vip = true;
    editor.create();
    expect([editor.open, editor.row, editor.model]).toEqual([true, null, { name: '', vip: false }]);
  });

  it('shows of a row what the form has, and nothing else', async () => {
    const { editor } = setup({ modelOf: (row) => row });
    await editor.edit(ada);
    expect(editor.model).toEqual({ name: 'Ada', vip: false });
  });

  it('stores what is in the form for its row, says so, and reads the list again', async () => {
    const { editor, saved, refresh } = setup();
    await editor.edit(ada);
    editor.model.name = 'Ada L.';
    await editor.submit();
    expect(saved).toEqual([[{ name: 'Ada L.', vip: false }, '1']]);
    expect(heard.said).toHaveLength(1);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('says nothing after a save that has spoken for itself', async () => {
    const { editor, refresh } = setup({ save: async () => false });
    editor.create();
    await editor.submit();
    expect(heard.said).toEqual([]);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('leaves form and list alone when storing fails', async () => {
    const { editor, refresh } = setup({ save: () => Promise.reject(new Error('refused')) });
    editor.create();
    await expect(editor.submit()).rejects.toThrow('refused');
    expect([editor.open, heard.said, refresh.mock.calls.length]).toEqual([true, [], 0]);
  });

  it('goes on with the row that the first of several steps has made', async () => {
    const steps: (string | null)[] = [];
    const { editor } = setup({
      save: async (_model, row) => {
        steps.push(row?.id ?? null);
        editor.row = bob;
        if (steps.length === 1) throw new Error('the second step was refused');
      },
    });
    editor.create();
    await expect(editor.submit()).rejects.toThrow();
    await editor.submit();
    expect(steps).toEqual([null, '2']);
  });

  it('shows the row that was asked for last, when an earlier one takes longer', async () => {
    const answers = new Map<string, (values: { name: string }) => void>();
    const { editor } = setup({
      modelOf: ({ id }) => new Promise((resolve) => answers.set(id, resolve)),
    });
    const [first, second] = [editor.edit(ada), editor.edit(bob)];
    answers.get('2')?.({ name: 'Bob' });
    await second;
    answers.get('1')?.({ name: 'Ada' });
    await first;
    expect([editor.row, editor.model.name]).toEqual([bob, 'Bob']);
  });

  it('deletes a row when the user is sure, and closes the form it was in', async () => {
    const { editor, refresh } = setup();
    await editor.edit(ada);
    await editor.remove(bob);
    expect(editor.open).toBe(true);
    await editor.remove(ada);
    expect(editor.open).toBe(false);
    expect(heard.deleted).toEqual(['crm/people/2', 'crm/people/1']);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('keeps a row when the user thinks better of it', async () => {
    heard.isSure = false;
    const { editor, refresh } = setup();
    await editor.edit(ada);
    await editor.remove(ada);
    expect([heard.said, heard.deleted, editor.open]).toEqual([['Delete Ada?'], [], true]);
    expect(refresh).not.toHaveBeenCalled();
  });
});
