import { computed, onScopeDispose, type Ref, reactive, ref, shallowRef, watch } from 'vue';
import type { Query } from './api/api.ts';
import { api } from './api/index.ts';
import type { Page } from './types.ts';

export interface PageQuery extends Query {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly sort?: string | undefined;
  readonly search?: string | undefined;
}
export type PageLoader<T> = (query: PageQuery, signal: AbortSignal) => Promise<Page<T>>;

export interface PagedList<T> {
  readonly items: readonly T[];
  /** Known after the first page; null before. */
  readonly total: number | null;
  readonly loading: boolean;
  /** True once a page has been shown; before that a skeleton is better than an empty table. */
  readonly ready: boolean;
  readonly error: unknown;
  /** Number of the page on the screen, from 1. */
  readonly number: number;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
  /** Written by the search field; the list follows after a pause in typing. */
  search: string;
  /** A sortable column, `-` in front for descending. */
  sort: string | undefined;
  limit: number;
  /** Further query values; a change goes back to the first page. */
  filters: Record<string, string | number | boolean | null | undefined>;
  next(): Promise<void>;
  previous(): Promise<void>;
  /** The same page again. Old rows stay until the new ones are there. */
  refresh(): Promise<void>;
  first(): Promise<void>;
}

/**
 * A list that the server pages, searches and sorts: `usePage<Customer>('crm/customers', { sort: '-createdAt' })`,
 * or with a loader of one's own. The newest request wins; an older one is aborted.
 */
export function usePage<T>(
  source: string | PageLoader<T>,
  options: {
    limit?: number;
    sort?: string;
    filters?: PagedList<T>['filters'];
    /** False: nothing is loaded until `refresh()` is called. */
    immediate?: boolean;
    /** Milliseconds between the last key and the search; 250 unless given. */
    debounce?: number;
  } = {},
): PagedList<T> {
  const load: PageLoader<T> =
    typeof source === 'function' ? source : (query, signal) => api.get<Page<T>>(source, { query, signal });
  const items = shallowRef<readonly T[]>([]);
  const total: Ref<number | null> = ref(null);
  const loading = ref(false);
  const ready = ref(false);
  const error = shallowRef<unknown>(null);
  /** The cursor of each page seen so far; the first has none. */
  const cursors = shallowRef<readonly (string | undefined)[]>([undefined]);
  const nextCursor = shallowRef<string | null>(null);
  const search = ref('');
  const sort = ref(options.sort);
  const limit = ref(options.limit ?? 50);
  const filters = reactive({ ...options.filters }) as PagedList<T>['filters'];
  let running: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function show(target: readonly (string | undefined)[]): Promise<void> {
    running?.abort();
    const request = new AbortController();
    running = request;
    loading.value = true;
    try {
      const page = await load(
        {
          ...filters,
          cursor: target.at(-1),
          limit: limit.value,
          sort: sort.value,
          search: search.value.trim(),
        },
        request.signal,
      );
      if (running !== request) return;
      items.value = page.items;
      nextCursor.value = page.nextCursor;
      if (page.total !== undefined) total.value = page.total;
      cursors.value = target;
      error.value = null;
      ready.value = true;
    } catch (caught) {
      if (running === request) error.value = caught;
    } finally {
      if (running === request) loading.value = false;
    }
  }
  const first = () => {
    clearTimeout(timer);
    return show([undefined]);
  };

  watch(search, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void first(), options.debounce ?? 250);
  });
  watch([sort, limit, () => JSON.stringify(filters)], () => void first());
  onScopeDispose(() => {
    clearTimeout(timer);
    running?.abort();
    running = null;
  });
  if (options.immediate !== false) void first();

  return reactive({
    items,
    total,
    loading,
    ready,
    error,
    search,
    sort,
    limit,
    filters,
    number: computed(() => cursors.value.length),
    hasNext: computed(() => nextCursor.value !== null),
    hasPrevious: computed(() => cursors.value.length > 1),
    next: async () => {
      if (nextCursor.value !== null) await show([...cursors.value, nextCursor.value]);
    },
    previous: async () => {
      if (cursors.value.length > 1) await show(cursors.value.slice(0, -1));
    },
    refresh: () => show(cursors.value),
    first,
  }) as PagedList<T>;
}
