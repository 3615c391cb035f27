import { createTestApp, type TestApp, type TestUser, until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Item {
  readonly id: string;
  readonly address: string | null;
  readonly displayAddress: string;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly timeline: readonly { readonly kind: string; readonly userId: string | null }[];
}

let app: TestApp;
let admin: TestUser;
let amy: TestUser;
let ben: TestUser;
/** The contact each of them had: one call to the extension of each, given up while it rang. */
const contacts = new Map<TestUser, string>();

const list = async (user: TestUser, query = '') =>
  (await user.get<{ items: Item[] }>(`/api/interactions?${query}`)).body.items;
const ids = async (user: TestUser, query?: string) => (await list(user, query)).map(({ id }) => id);

async function missedCall(agent: TestUser, extension: string, number: string): Promise<string> {
  const { emulator } = app;
  if (!emulator) throw new Error('this test needs the emulator');
  const made = await admin.post('/api/telephony/extensions', { number: extension, userId: agent.id });
  expect(made.status).toBe(201);
  emulator.registerPhone(extension, 'acme.jackfield.local');
  const destination = { kind: 'agent', target: { userId: agent.id } };
  expect((await admin.post('/api/telephony/numbers', { number, destination })).status).toBe(201);
  const leg = emulator.dial({ number, from: `1380013${extension}`, name: '' });
  if (!leg) throw new Error('the switch takes no calls');
  await until('the contact is offered', async () => (await list(agent)).length > 0);
  emulator.hangup(leg);
  return await until('the contact is over', async () => {
    const [contact] = await list(agent);
    return contact?.closedAt ? contact.id : null;
  });
}

beforeAll(async () => {
  app = await createTestApp({ plugins: ['interactions', 'telephony'] });
  admin = await app.admin();
  amy = await app.user('amy');
  ben = await app.user('ben');
  contacts.set(amy, await missedCall(amy, '8001', '4008000001'));
  contacts.set(ben, await missedCall(ben, '8002', '4008000002'));
});
afterAll(() => app.stop());

describe('the list of contacts', () => {
  it('has for an agent those he took part in, and for a supervisor everybody’s', async () => {
    const supervisor = await app.user('sue', 'supervisor');
    expect(await ids(amy)).toEqual([contacts.get(amy)]);
    expect(await ids(ben)).toEqual([contacts.get(ben)]);
    expect(await ids(supervisor)).toEqual([contacts.get(ben), contacts.get(amy)]);
  });

  it('has only one’s own on request', async () => {
    const supervisor = await app.user('sam', 'supervisor');
    expect(await ids(supervisor, 'mine=true')).toEqual([]);
    expect(await ids(supervisor, 'mine=false')).toHaveLength(2);
    expect(await ids(amy, 'mine=true')).toEqual([contacts.get(amy)]);
  });

  it('has only those that began in a time', async () => {
    const begin = new Map((await list(admin)).map(({ id, openedAt }) => [id, openedAt]));
    const first = begin.get(contacts.get(amy) ?? '') ?? 0;
    const second = begin.get(contacts.get(ben) ?? '') ?? 0;
    expect(first).toBeLessThan(second);
    expect(await ids(admin, `until=${first}`)).toEqual([contacts.get(amy)]);
    expect(await ids(admin, `since=${first + 1}`)).toEqual([contacts.get(ben)]);
    expect(await ids(admin, `since=${first}&until=${second}`)).toHaveLength(2);
    expect(await ids(admin, `since=${second + 1}`)).toEqual([]);
  });

  it('masks addresses for those who may not see them, and finds none by their digits', async () => {
    const [masked] = await list(amy);
    expect(masked).toMatchObject({ address: null, displayAddress: expect.stringContaining('*') });
    expect(await ids(amy, 'search=138')).toEqual([]);
    expect(await ids(admin, 'search=138')).toHaveLength(2);
  });
});

describe('a contact', () => {
  it('tells its timeline in order, to those who took part in it', async () => {
    const { body } = await amy.get<Item>(`/api/interactions/${contacts.get(amy)}`);
    const kinds = body.timeline.map(({ kind }) => kind);
    expect(kinds[0]).toBe('telephony.started');
    expect(kinds.at(-1)).toBe('telephony.ended');
    expect(body.timeline.find(({ kind }) => kind === 'telephony.leg-created')?.userId).toBe(amy.id);
  });

  it('is not there for an agent who took no part in it', async () => {
    expect((await amy.get(`/api/interactions/${contacts.get(ben)}`)).status).toBe(404);
  });
});
