import { reactive } from 'vue';
import { confirmDelete } from './confirm-delete.ts';
import { textsOf } from './i18n.ts';
import { notify } from './notify.ts';
import type { PagedList } from './use-page.ts';

export interface RowEditorOptions<Row, Model> {
  /** The list that the rows stand in; read again after each change. */
  readonly page: PagedList<Row>;
  /** A row is deleted at `<path>/<id>`. */
  readonly path: string;
  /** The form of a new row. */
  empty(): Model;
  /** What the form shows of a row; the rest is as in `empty`, and what that does not have is left out. May ask the server. */
  modelOf(row: Row): Partial<Model> | Promise<Partial<Model>>;
  /**
   * Stores what is in the form: a new row when `row` is null. “Saved.” is shown after it, unless it resolves with
   * false because it has said itself what came of it.
   */
  save(model: Model, row: Row | null): Promise<unknown>;
  /** What is asked before a row is deleted. */
  deletion(row: Row): { readonly title: string; readonly text: string };
}

export interface RowEditor<Row, Model> {
  /** Whether the drawer is open. */
  open: boolean;
  /** Whose form it is; null for a new row. A `save` of several steps sets it when the first has made the row. */
  row: Row | null;
  readonly model: Model;
  create(): void;
  /** Opens the form of a row; of several asked for at once the last. */
  edit(row: Row): Promise<void>;
  /** For the drawer. */
  submit(): Promise<void>;
  /** Asks first; the drawer closes if the row was in it. */
  remove(row: Row): Promise<void>;
}

/**
 * Rows that are made, changed and deleted beside their list:
 *
 *     const editor = useRowEditor({ page, path: 'crm/tags', empty: () => ({ name: '' }), modelOf: …, save: …, deletion: … });
 *
 *     <JfListPage :page="page" opens :add-text="t('add')" @add="editor.create" @open="editor.edit">…</JfListPage>
 *     <JfFormDrawer v-model="editor.open" :model="editor.model" :submit="editor.submit" …>…</JfFormDrawer>
 */
export function useRowEditor<Row extends { readonly id: string }, Model extends object>(
  options: RowEditorOptions<Row, Model>,
): RowEditor<Row, Model> {
  const { page, path } = options;
  const { t } = textsOf(null);
  let asked: Row | null = null;

  function show(row: Row | null, values: Partial<Model>): void {
    const form = options.empty();
    for (const key of Object.keys(form) as (keyof Model)[]) {
      if (values[key] !== undefined) Object.assign(form, { [key]: values[key] });
    }
    editor.row = row;
    Object.assign(editor.model, form);
    editor.open = true;
  }

  const editor: RowEditor<Row, Model> = reactive({
    open: false,
    row: null,
    model: options.empty(),
    create() {
      asked = null;
      show(null, {});
    },
    async edit(row: Row) {
      asked = row;
      const values = await options.modelOf(row);
      if (asked === row) show(row, values);
    },
    async submit() {
      if ((await options.save(editor.model, editor.row)) !== false) notify.success(t('common.saved'));
      await page.refresh();
    },
    async remove(row: Row) {
      if (!(await confirmDelete(`${path}/${row.id}`, options.deletion(row)))) return;
      if (editor.row?.id === row.id) editor.open = false;
      await page.refresh();
    },
  }) as RowEditor<Row, Model>;
  return editor;
}
