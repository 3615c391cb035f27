import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick } from 'vue';
import { noteServerDate, serverNow } from './clock.ts';
import { breaksTheScreen } from './plugins/fault.ts';
import { slotEntries } from './plugins/registry.ts';
import { allowedWhileTyping, comboOf } from './shortcuts.ts';
import { addDays, dayOf, dayStart, formatDuration, formatLongDuration, formatTime } from './time.ts';
import type { Page, UiPlugin } from './types.ts';
import { type PageQuery, usePage } from './use-page.ts';
import { type Contact, chooseContact, deadlineOf, putContact, queueOf } from './workbench/contacts.ts';

describe('a paged list', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function setup(rows: readonly number[] = [1, 2, 3, 4, 5]) {
    const asked: PageQuery[] = [];
    const pending: ((page: Page<number>) => void)[] = [];
    let hold = false;
    const scope = effectScope();
    const page = scope.run(() =>
      usePage<number>(
        (query) => {
          asked.push(query);
          const from = Number(query.cursor ?? 0);
          const answer = {
            items: rows.slice(from, from + query.limit),
            nextCursor: from + query.limit < rows.length ? String(from + query.limit) : null,
            ...(from === 0 ? { total: rows.length } : {}),
          };
          return hold
            ? new Promise((resolve) => pending.push(() => resolve(answer)))
            : Promise.resolve(answer);
        },
        { limit: 2, sort: '-at', filters: { state: '' } },
      ),
    );
    if (!page) throw new Error('no page');
    return {
      page,
      asked,
      pending,
      scope,
      holdAnswers() {
        hold = true;
      },
    };
  }

  it('goes forward and back by cursor and keeps the total of the first page', async () => {
    const { page, asked } = setup();
    await vi.runAllTimersAsync();
    await page.next();
    await page.next();
    expect([page.items, page.number, page.hasNext, page.total]).toEqual([[5], 3, false, 5]);
    await page.previous();
    expect([page.items, page.number]).toEqual([[3, 4], 2]);
    expect(asked.map((query) => query.cursor)).toEqual([undefined, '2', '4', '2']);
  });

  it('searches after a pause in typing, from the first page', async () => {
    const { page, asked } = setup();
    await vi.runAllTimersAsync();
    await page.next();
    page.search = 'a';
    await nextTick();
    await vi.advanceTimersByTimeAsync(200);
    page.search = ' ab ';
    await nextTick();
    await vi.advanceTimersByTimeAsync(249);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.at(-1)).toMatchObject({ search: 'ab', cursor: undefined, sort: '-at' });
    expect(page.number).toBe(1);
  });

  it('asks again from the start when sort, filter or page size change', async () => {
    const { page, asked } = setup();
    await vi.runAllTimersAsync();
    page.filters.state = 'open';
    await nextTick();
    page.sort = 'name';
    await nextTick();
    expect(asked.slice(1)).toMatchObject([{ state: 'open' }, { state: 'open', sort: 'name' }]);
  });

  it('shows the answer to the newest question, whichever comes first', async () => {
    const { page, pending, holdAnswers } = setup();
    await vi.runAllTimersAsync();
    holdAnswers();
    const next = page.next();
    const first = page.first();
    pending[1]?.({ items: [], nextCursor: null });
    await first;
    pending[0]?.({ items: [], nextCursor: null });
    await next;
    expect([page.items, page.number, page.loading]).toEqual([[1, 2], 1, false]);
  });

  it('keeps the old rows when a refresh fails, and says so', async () => {
    let fail = false;
    const page = effectScope().run(() =>
      usePage<number>(async () =>
        fail ? Promise.reject(new Error('down')) : { items: [7], nextCursor: null },
      ),
    );
    await vi.runAllTimersAsync();
    fail = true;
    await page?.refresh();
    expect([page?.items, page?.ready, page?.error]).toEqual([[7], true, new Error('down')]);
  });
});

describe('the contacts of the workbench', () => {
  const contact = (id: string, state: Contact['state']): Contact => ({
    id,
    state,
    channel: 'voice',
    direction: 'inbound',
    address: '',
    displayAddress: '',
    name: '',
    via: '',
    since: 0,
    ref: { plugin: 'telephony', id },
    data: {},
  });
  it('say their queue, and when an offer or a wrap-up ends by itself', () => {
    const data = { queue: 'Sales', offeredUntil: 5_000, until: 9_000 };
    expect(queueOf({ data })).toBe('Sales');
    expect(queueOf({ data: {} })).toBe('');
    expect(deadlineOf({ state: 'offered', data })).toBe(5_000);
    expect(deadlineOf({ state: 'wrap-up', data })).toBe(9_000);
    expect(deadlineOf({ state: 'active', data })).toBeNull();
    expect(deadlineOf({ state: 'wrap-up', data: { until: null } })).toBeNull();
  });
  it('[core-01] keep their places, so that Alt+1…9 mean the same while the agent looks away', () => {
    const list = [contact('a', 'active'), contact('b', 'held')];
    expect(putContact(list, contact('a', 'wrap-up')).map((one) => one.id)).toEqual(['a', 'b']);
    expect(putContact(list, contact('c', 'offered')).map((one) => one.id)).toEqual(['a', 'b', 'c']);
  });
  it('leave the agent’s choice alone while it exists, then take the one that talks', () => {
    const list = [contact('a', 'wrap-up'), contact('b', 'offered'), contact('c', 'active')];
    expect(chooseContact(list, 'a')).toBe('a');
    expect(chooseContact(list, 'gone')).toBe('c');
    expect(chooseContact(list.slice(0, 2), null)).toBe('b');
    expect(chooseContact([], 'a')).toBeNull();
  });
});

describe('shortcuts', () => {
  const press = (
    key: string,
    code: string,
    held: Partial<Record<'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey', boolean>> = {},
  ) => comboOf({ key, code, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...held });
  it('are written in one way, also where Alt makes special characters', () => {
    expect(press('a', 'KeyA', { ctrlKey: true, shiftKey: true })).toBe('Ctrl+Shift+A');
    expect(press('¡', 'Digit1', { altKey: true })).toBe('Alt+1');
    expect(press('/', 'Slash')).toBe('/');
    expect(press('Alt', 'AltLeft', { altKey: true })).toBeNull();
  });
  it('do not take letters from those who type', () => {
    expect(['A', '/', 'Shift+A', 'Alt+1', 'F9', 'Ctrl+F9', 'Enter'].map(allowedWhileTyping)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('times', () => {
  it('are shown in the zone that is asked for', () => {
    const at = Date.UTC(2026, 10, 20, 18, 30, 5);
    expect(formatTime(at, 'datetime', 'Asia/Shanghai')).toContain('02:30:05');
    expect(formatTime(at, 'datetime', 'UTC')).toContain('18:30:05');
  });
  it.each([
    ['Asia/Shanghai', '2026-11-20', '2026-11-19T16:00:00Z'],
    ['UTC', '2026-11-20', '2026-11-20T00:00:00Z'],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00Z'],
    ['Pacific/Niue', '2026-01-01', '2026-01-01T11:00:00Z'],
    ['Asia/Kathmandu', '2026-03-01', '2026-02-28T18:15:00Z'],
    // The clocks go forward at midnight: the day begins at one.
    ['America/Asuncion', '2023-10-01', '2023-10-01T04:00:00Z'],
    ['Europe/London', '2026-03-29', '2026-03-29T00:00:00Z'],
    ['Europe/London', '2026-03-30', '2026-03-29T23:00:00Z'],
  ])('begin a day of %s, %s, at %s', (zone, day, start) => {
    expect(new Date(dayStart(day, zone)).toISOString()).toBe(start.replace('Z', '.000Z'));
    expect(dayOf(dayStart(day, zone), zone)).toBe(day);
    expect(dayOf(dayStart(day, zone) - 1, zone)).toBe(addDays(day, -1));
  });
  it('count hours only when there are some', () => {
    expect([0, 59_999, 61_000, 3_600_000, -5].map(formatDuration)).toEqual([
      '0:00',
      '0:59',
      '1:01',
      '1:00:00',
      '0:00',
    ]);
    expect([61_000, 36_000_000].map(formatLongDuration)).toEqual(['0:01:01', '10:00:00']);
  });
  it('follow the server’s clock when the workstation’s is off', () => {
    noteServerDate(Date.now() + 180_000, Date.now());
    expect(serverNow() - Date.now()).toBeGreaterThan(179_000);
    noteServerDate(Date.now() + 1_000, Date.now());
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(100);
  });
});

describe('an error in a plugin', () => {
  it('breaks the screen when something could not be drawn', () => {
    const prod = 'https://vuejs.org/error-reference/#runtime-';
    for (const info of [
      'setup function',
      'render function',
      'component update',
      'mounted hook',
      `${prod}0`,
      `${prod}1`,
      `${prod}15`,
      `${prod}m`,
    ])
      expect(breaksTheScreen(info), info).toBe(true);
  });
  it('is only a notice when it came from a click or a watcher', () => {
    const prod = 'https://vuejs.org/error-reference/#runtime-';
    for (const info of [
      'native event handler',
      'component event handler',
      'watcher callback',
      'unmounted hook',
      `${prod}5`,
      `${prod}6`,
      `${prod}3`,
      `${prod}um`,
    ])
      expect(breaksTheScreen(info), info).toBe(false);
  });
});

describe('[core-58] a slot', () => {
  const plugin = (id: string, slots: UiPlugin['slots']): UiPlugin => ({
    id,
    version: '1.0.0',
    title: { 'zh-CN': id, en: id },
    entry: null,
    css: [],
    pages: [],
    widgets: [],
    slots,
  });
  it('is filled in order, then by plugin id, with what the user may see', () => {
    const plugins = [
      plugin('z', [{ slot: 'x', component: 'A', order: 10 }]),
      plugin('b', [
        { slot: 'x', component: 'B' },
        { slot: 'y', component: 'C' },
      ]),
      plugin('a', [
        { slot: 'x', component: 'D' },
        { slot: 'x', component: 'E', permission: 'no' },
      ]),
    ];
    expect(slotEntries(plugins, 'x', (permission) => !permission).map((one) => one.key)).toEqual([
      'z@1.0.0/A',
      'a@1.0.0/D',
      'b@1.0.0/B',
    ]);
  });
});
