import { until } from '@jackfield/core/test-kit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Centre, openCentre, openTab } from './testing/centre.fixture.ts';

const HOTLINE = '4008001234';

let centre: Centre;
beforeAll(async () => {
  centre = await openCentre({ tenants: ['acme', 'beta'] });
});
afterEach(() => centre.clear());
afterAll(() => centre.app.stop());

/** Each value once, in the order in which it came. */
const distinct = (values: readonly string[]) => values.filter((value, n) => value !== values[n - 1]);

it('an agent sees his state and his contact change at once, wrap-up included', async () => {
  const [amy] = await centre.agents('amy');
  const queue = await centre.queue({ wrapUpMode: 'manual' }, [amy]);
  await centre.number(HOTLINE, queue);
  const tab = await openTab(centre.app, amy.user, 'acd/agent/me', 'interactions/agent/me');
  await amy.ready();
  const caller = centre.dial(HOTLINE);
  centre.emulator.answer(await amy.ringing());
  const contactIs = (state: string) =>
    until(`the contact is ${state}`, () =>
      tab.told.some(({ data }) => (data as { contact?: { state: string } }).contact?.state === state),
    );
  await contactIs('active');
  centre.emulator.hangup(caller);
  await contactIs('wrap-up');
  await amy.finish();
  await until('the contact is gone', () => tab.told.some(({ type }) => type === 'removed'));
  await amy.is('idle');

  const contacts = tab.told.flatMap(({ data }) => {
    const { contact } = data as { contact?: { state: string; data: Record<string, unknown> } };
    return contact ? [contact] : [];
  });
  expect(distinct(contacts.map(({ state }) => state))).toEqual(['offered', 'active', 'wrap-up']);
  expect(contacts.map(({ data }) => data.queue)).toEqual(contacts.map(() => expect.stringMatching(/^Queue/)));
  const shown = tab.told.flatMap(({ data }) => (data as { agent?: { shown: string } }).agent?.shown ?? []);
  expect(distinct(shown).slice(0, 5)).toEqual(['signed-out', 'idle', 'ringing', 'talking', 'wrap-up']);
  tab.close();
});

it('a supervisor sees the line of a queue, and an agent may not', async () => {
  const [amy] = await centre.agents('amy');
  const queue = await centre.queue({}, [amy]);
  await centre.number(HOTLINE, queue);
  const tab = await openTab(
    centre.app,
    centre.admin,
    `acd/queues/${queue.id}`,
    'acd/queues/all',
    'acd/agents/all',
  );
  centre.dial(HOTLINE);
  await until('the caller is told of', () =>
    tab.told.some(({ stream, data }) => {
      const { queue: line } = data as { queue?: { contacts?: { displayNumber: string }[] } };
      return stream.endsWith(queue.id) && line?.contacts?.[0]?.displayNumber === '+86138****8000';
    }),
  );
  await until('and counted', () =>
    tab.told.some(({ stream, data }) => {
      const { queue: one } = data as { queue?: { id: string; waiting: number } };
      return stream === 'acd/queues/all' && one?.id === queue.id && one.waiting === 1;
    }),
  );
  tab.close();
  const other = await openTab(centre.app, amy.user, `acd/queues/${queue.id}`, `acd/agent/${centre.admin.id}`);
  expect(other.replies.map(({ ok }) => ok)).toEqual([false, false]);
  other.close();
});

it('another tenant sees nothing of it', async () => {
  const [amy] = await centre.agents('amy');
  const queue = await centre.queue({}, [amy]);
  await centre.number(HOTLINE, queue);
  await amy.ready();
  centre.dial(HOTLINE);
  await amy.ringing();
  const stranger = await centre.app.admin('beta');
  expect((await stranger.get(`/api/acd/queues/${queue.id}/live`)).status).toBe(404);
  expect((await stranger.get<{ items: unknown[] }>('/api/acd/queues/live')).body.items).toEqual([]);
  expect((await stranger.get<{ items: unknown[] }>('/api/acd/decisions')).body.items).toEqual([]);
  const presence = { presence: 'signed-out' };
  expect((await stranger.put(`/api/acd/agents/${amy.user.id}/presence`, presence)).status).toBe(404);
  const tab = await openTab(centre.app, stranger, 'acd/agents/all', `acd/queues/${queue.id}`);
  expect(tab.replies).toMatchObject([
    { snapshot: { agents: [] } },
    { snapshot: { queue: { waiting: 0, contacts: [] } } },
  ]);
  tab.close();
});
