import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../core/src/auth/contract.ts';
import { createCircuits } from '../../core/src/plugins/circuit.ts';
import type {
  StreamClosed,
  StreamMessage,
  SubscribeReply,
  SubscribeRequest,
} from '../../core/src/realtime/contract.ts';
import { createRealtime, type Realtime } from '../../core/src/realtime/realtime.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { type FakeClock, fakeClock } from '../../core/test-kit/fake-clock.ts';
import { activation, book, inTenant, memoryLog, tenantA, tenantB, until } from './outbox-fixture.ts';

const MINUTE = 60_000;

let clock: FakeClock;
let server: Server;
let realtime: Realtime;
let log: ReturnType<typeof memoryLog>;
/** By cookie. */
let sessions: Map<string, Identity>;
/** Callbacks that wait for a commit; null when nothing is in a transaction. */
let transaction: (() => void)[] | null;
const { off, isActive } = activation();
const tabs: Socket[] = [];

function identity(userId: string, tenantId: string | null, permissions: string[] = []): Identity {
  const actor = {
    kind: 'user',
    userId,
    name: userId,
    sessionId: `session-${userId}`,
    permissions: new Set(permissions),
  } as const;
  return { actor, tenantId, locale: 'en', via: 'cookie' };
}

beforeEach(async () => {
  off.clear();
  transaction = null;
  clock = fakeClock();
  log = memoryLog();
  sessions = new Map([
    ['ann', identity('ann', tenantA, ['chat:read'])],
    ['bob', identity('bob', tenantB, ['chat:read'])],
    ['operator', identity('operator', null)],
  ]);
  realtime = createRealtime({
    clock,
    log,
    auth: { resolve: async (headers) => sessions.get(headers.cookie ?? '') ?? null },
    circuits: createCircuits({ clock }),
    isActive,
    afterCommit: (fn) => (transaction ? void transaction.push(fn) : fn()),
  });
  server = createServer();
  realtime.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const tab of tabs.splice(0)) tab.disconnect();
  await realtime.stop();
  await new Promise((resolve) => server.close(resolve));
});

/** A tab of that user, not yet connected. */
function newTab(cookie: string, headers: Record<string, string> = {}): Socket {
  const { port } = server.address() as AddressInfo;
  const tab = io(`http://127.0.0.1:${port}`, {
    forceNew: true,
    reconnection: false,
    autoConnect: false,
    transports: ['websocket'],
    extraHeaders: { cookie, ...headers },
  });
  tabs.push(tab);
  return tab;
}
async function openTab(cookie: string): Promise<Socket> {
  const tab = newTab(cookie);
  tab.connect();
  await until(`${cookie} is connected`, () => tab.connected);
  return tab;
}
const subscribe = (tab: Socket, request: SubscribeRequest): Promise<SubscribeReply> =>
  tab.emitWithAck('subscribe', request);
function messagesOf(tab: Socket): StreamMessage[] {
  const messages: StreamMessage[] = [];
  tab.on('message', (message: StreamMessage) => messages.push(message));
  return messages;
}
function closedOf(tab: Socket): StreamClosed[] {
  const closed: StreamClosed[] = [];
  tab.on('closed', (each: StreamClosed) => closed.push(each));
  return closed;
}
/** Everything the server has sent to the tab so far has arrived: an answer to a question comes after it. */
const settled = (tab: Socket): Promise<SubscribeReply> => subscribe(tab, { stream: 'nothing' });

const chat = (
  definition: {
    permission?: string;
    authorize?: (key: string, userId: string) => boolean;
    snapshot?: (key: string) => Promise<unknown>;
  } = {},
) => realtime.forPlugin('chat', book).topic('room', { snapshot: async () => 'empty', ...definition });

describe('connecting', () => {
  it('needs a sign-in', async () => {
    const tab = newTab('nobody');
    let code: unknown;
    tab.on('connect_error', (error) => {
      code = (error as Error & { data?: { code: string } }).data?.code;
    });
    tab.connect();
    await until('it is refused', () => code !== undefined);
    expect(code).toBe('NOT_SIGNED_IN');
  });

  it('is refused to a page of another site that carries the cookie', async () => {
    const tab = newTab('ann', { origin: 'https://evil.example' });
    let refused = false;
    tab.on('connect_error', () => {
      refused = true;
    });
    tab.connect();
    await until('it is refused', () => refused);
    expect(tab.connected).toBe(false);
  });

  it('ends with the session, at once and within 30 s if another process ended it', async () => {
    const [first, second] = [await openTab('ann'), await openTab('bob')];
    const ended: string[] = [];
    for (const tab of [first, second]) tab.on('ended', ({ code }: { code: string }) => ended.push(code));
    realtime.revokeSession('session-ann');
    await until('the first is out', () => !first.connected);
    expect(second.connected).toBe(true);
    sessions.delete('bob');
    await clock.advance(30_000);
    await until('the second is out', () => !second.connected);
    expect(ended).toEqual(['NOT_SIGNED_IN', 'NOT_SIGNED_IN']);
  });
});

describe('a stream', () => {
  it('gives a snapshot and then every message after it, numbered one by one', async () => {
    const room = chat({ snapshot: async (key) => ({ room: key, tenant: scope.tenantId() }) });
    const tab = await openTab('ann');
    const messages = messagesOf(tab);
    const reply = await subscribe(tab, { stream: 'chat/room/1' });
    expect(reply).toMatchObject({
      ok: true,
      kind: 'snapshot',
      seq: 0,
      snapshot: { room: '1', tenant: tenantA },
    });
    inTenant(tenantA, () => {
      room.publish('1', 'said', { text: 'hello' });
      room.publish('2', 'said', { text: 'elsewhere' });
      room.publish('1', 'said', { text: 'again' });
    });
    await until('both are here', () => messages.length === 2);
    expect(messages).toMatchObject([
      { stream: 'chat/room/1', seq: 1, type: 'said', data: { text: 'hello' }, at: clock.now() },
      { stream: 'chat/room/1', seq: 2, data: { text: 'again' } },
    ]);
    expect(messages[0]?.epoch).toBe(reply.ok && reply.epoch);
  });

  it('puts what is published during the snapshot after it, none lost and none twice', async () => {
    let release = (): void => undefined;
    const room = chat({
      snapshot: () =>
        new Promise((resolve) => {
          release = () => resolve('as it was');
        }),
    });
    const tab = await openTab('ann');
    const order: string[] = [];
    tab.on('message', ({ seq }: StreamMessage) => order.push(`message ${seq}`));
    const reply = new Promise<SubscribeReply>((resolve) => {
      // In the callback: a promise would settle only after messages that came in the same packet.
      tab.emit('subscribe', { stream: 'chat/room/1' }, (answer: SubscribeReply) => {
        order.push('snapshot');
        resolve(answer);
      });
    });
    const before = release;
    await until('the snapshot is being taken', () => release !== before);
    inTenant(tenantA, () => room.publish('1', 'said', 1));
    inTenant(tenantA, () => room.publish('1', 'said', 2));
    release();
    expect(await reply).toMatchObject({ kind: 'snapshot', seq: 0, snapshot: 'as it was' });
    inTenant(tenantA, () => room.publish('1', 'said', 3));
    await until('all are here', () => order.length === 4);
    expect(order).toEqual(['snapshot', 'message 1', 'message 2', 'message 3']);
  });

  it('takes the snapshot again when more is published meanwhile than is kept', async () => {
    let taken = 0;
    const room = chat({
      async snapshot() {
        taken += 1;
        if (taken === 1)
          inTenant(tenantA, () => Array.from({ length: 1_200 }, (_, n) => room.publish('1', 'said', n)));
        return taken;
      },
    });
    const tab = await openTab('ann');
    expect(await subscribe(tab, { stream: 'chat/room/1' })).toMatchObject({
      kind: 'snapshot',
      seq: 1_200,
      snapshot: 2,
    });
  });

  it('says what was missed to one who comes back', async () => {
    const room = chat();
    const tab = await openTab('ann');
    const messages = messagesOf(tab);
    const first = await subscribe(tab, { stream: 'chat/room/1' });
    inTenant(tenantA, () => room.publish('1', 'said', 1));
    await until('it is here', () => messages.length === 1);
    tab.disconnect();
    for (const n of [2, 3]) inTenant(tenantA, () => room.publish('1', 'said', n));

    const back = await openTab('ann');
    const later = messagesOf(back);
    const reply = await subscribe(back, {
      stream: 'chat/room/1',
      since: { epoch: first.ok ? first.epoch : '', seq: 1 },
    });
    expect(reply).toMatchObject({
      ok: true,
      kind: 'resumed',
      seq: 3,
      missed: [
        { stream: 'chat/room/1', seq: 2, data: 2 },
        { seq: 3, data: 3 },
      ],
    });
    inTenant(tenantA, () => room.publish('1', 'said', 4));
    await until('it goes on', () => later.length === 1);
    expect(later[0]).toMatchObject({ seq: 4 });
  });

  it.each([
    ['more than 1,000 messages were missed', 1_001, 0],
    ['what was missed is older than 10 minutes', 1, 11 * MINUTE],
  ])('gives a new snapshot when %s', async (_why, count, wait) => {
    const room = chat();
    const keeper = await openTab('ann');
    const first = await subscribe(keeper, { stream: 'chat/room/1' });
    inTenant(tenantA, () => Array.from({ length: count }, (_, n) => room.publish('1', 'said', n)));
    await clock.advance(wait);
    const reply = await subscribe(await openTab('ann'), {
      stream: 'chat/room/1',
      since: { epoch: first.ok ? first.epoch : '', seq: 0 },
    });
    expect(reply).toMatchObject({ kind: 'snapshot', seq: count });
  });

  it('gives a new snapshot, and another epoch, once nobody has followed for 10 minutes', async () => {
    const room = chat();
    const tab = await openTab('ann');
    const first = await subscribe(tab, { stream: 'chat/room/1' });
    inTenant(tenantA, () => room.publish('1', 'said', 1));
    tab.disconnect();
    await until(
      'it has left',
      () => !realtime.forPlugin('core', book).isConnected('ann') || clock.pending() > 2,
    );
    await clock.advance(12 * MINUTE);
    const reply = await subscribe(await openTab('ann'), {
      stream: 'chat/room/1',
      since: { epoch: first.ok ? first.epoch : '', seq: 1 },
    });
    expect(reply).toMatchObject({ kind: 'snapshot', seq: 0 });
    expect(reply.ok && reply.epoch).not.toBe(first.ok && first.epoch);
  });

  it('keeps what was said as it was said', async () => {
    const room = chat();
    const tab = await openTab('ann');
    const first = await subscribe(tab, { stream: 'chat/room/1' });
    const data = { text: 'before' };
    inTenant(tenantA, () => room.publish('1', 'said', data));
    data.text = 'after';
    const reply = await subscribe(await openTab('ann'), {
      stream: 'chat/room/1',
      since: { epoch: first.ok ? first.epoch : '', seq: 0 },
    });
    expect(reply).toMatchObject({ missed: [{ data: { text: 'before' } }] });
  });

  it('sends what is published in a transaction after the commit, and nothing after a rollback', async () => {
    const room = chat();
    const tab = await openTab('ann');
    const messages = messagesOf(tab);
    await subscribe(tab, { stream: 'chat/room/1' });
    transaction = [];
    inTenant(tenantA, () => room.publish('1', 'said', 'rolled back'));
    transaction = [];
    inTenant(tenantA, () => room.publish('1', 'said', 'committed'));
    await settled(tab);
    expect(messages).toEqual([]);
    for (const callback of transaction.splice(0)) callback();
    await until('it is here', () => messages.length === 1);
    expect(messages[0]).toMatchObject({ seq: 1, data: 'committed' });
  });

  it('shows each message exactly once and in order, however connections come and go', async () => {
    const room = chat({
      async snapshot() {
        await new Promise((resolve) => setImmediate(resolve));
        return null;
      },
    });
    // At most 40 × 25 messages: all of them are kept, so none may be answered with a second snapshot.
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ what: fc.constant('publish'), count: fc.integer({ min: 1, max: 25 }) }),
      },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('drop'), count: fc.constant(0) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('connect'), count: fc.constant(0) }) },
      {
        weight: 6,
        arbitrary: fc.record({ what: fc.constant('pause'), count: fc.integer({ min: 0, max: 3 }) }),
      },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        run += 1;
        const key = `run${run}`;
        const stream = `chat/room/${key}`;
        const snapshots: number[] = [];
        const seen: number[] = [];
        let have: { epoch: string; seq: number } | undefined;
        let tab: Socket | null = null;

        const take = ({ epoch, seq }: StreamMessage): void => {
          seen.push(seq);
          have = { epoch, seq };
        };
        /** Says what it has when it comes back, as the contract asks; what came for a dropped tab is not seen. */
        const connect = (): Socket => {
          const mine = newTab('ann');
          mine.on('message', (message: StreamMessage) => tab === mine && take(message));
          mine.on('connect', () => {
            mine.emit('subscribe', have ? { stream, since: have } : { stream }, (reply: SubscribeReply) => {
              if (tab !== mine || !reply.ok) return;
              if (reply.kind === 'resumed') return reply.missed.forEach(take);
              snapshots.push(reply.seq);
              have = { epoch: reply.epoch, seq: reply.seq };
            });
          });
          mine.connect();
          return mine;
        };

        for (const { what, count } of steps) {
          if (what === 'publish') {
            inTenant(tenantA, () => Array.from({ length: count }, (_, n) => room.publish(key, 'said', n)));
          } else if (what === 'drop') {
            (tab as Socket | null)?.disconnect();
            tab = null;
          } else if (what === 'connect') tab ??= connect();
          else await new Promise((resolve) => setTimeout(resolve, count));
        }
        tab ??= connect();
        await until('the stream is open', () => have !== undefined);
        inTenant(tenantA, () => room.publish(key, 'said', 'last'));
        const control = await subscribe(await openTab('ann'), { stream });
        const total = control.ok ? control.seq : 0;
        await until('the last one is here', () => seen.at(-1) === total);
        await settled(tab);

        expect(snapshots).toHaveLength(1);
        const [first = 0] = snapshots;
        expect(seen).toEqual(Array.from({ length: total - first }, (_, index) => first + 1 + index));
        for (const each of tabs.splice(0)) each.disconnect();
      }),
      // A smaller failing run would take minutes to find: each try waits for a message that does not come.
      { numRuns: 150, seed: 20261120, endOnFailure: true },
    );
  }, 120_000);
});

describe('who may follow', () => {
  it('asks the permission, then the plugin, in the scope of the user', async () => {
    const asked: string[] = [];
    chat({
      permission: 'chat:read',
      authorize(key, userId) {
        asked.push(`${scope.tenantId()} ${key} ${userId}`);
        return key === 'open';
      },
    });
    sessions.set('cleo', identity('cleo', tenantA));
    expect(await subscribe(await openTab('cleo'), { stream: 'chat/room/open' })).toMatchObject({
      ok: false,
      code: 'FORBIDDEN',
    });
    expect(asked).toEqual([]);
    const ann = await openTab('ann');
    expect(await subscribe(ann, { stream: 'chat/room/open' })).toMatchObject({ ok: true });
    expect(await subscribe(ann, { stream: 'chat/room/closed' })).toMatchObject({
      ok: false,
      code: 'FORBIDDEN',
    });
    expect(asked).toEqual([`${tenantA} open ann`, `${tenantA} closed ann`]);
  });

  it('keeps tenants apart under the same name', async () => {
    const room = chat();
    const [ann, bob] = [await openTab('ann'), await openTab('bob')];
    const [annsMessages, bobsMessages] = [messagesOf(ann), messagesOf(bob)];
    await subscribe(ann, { stream: 'chat/room/1' });
    await subscribe(bob, { stream: 'chat/room/1' });
    inTenant(tenantA, () => room.publish('1', 'said', 'for A'));
    room.publish('1', 'said', 'for B', { tenantId: tenantB });
    await until('both have theirs', () => annsMessages.length === 1 && bobsMessages.length === 1);
    await settled(ann);
    await settled(bob);
    expect(annsMessages.map(({ data }) => data)).toEqual(['for A']);
    expect(bobsMessages.map(({ data }) => data)).toEqual(['for B']);
    expect(() => room.publish('1', 'said', 'for whom?')).toThrow(
      expect.objectContaining({ code: 'TENANT_REQUIRED' }),
    );
  });

  it('takes the key "me" for the user, and answers under that name', async () => {
    const room = chat({ authorize: (key, userId) => key === userId });
    const ann = await openTab('ann');
    const messages = messagesOf(ann);
    expect(await subscribe(ann, { stream: 'chat/room/me' })).toMatchObject({ ok: true });
    inTenant(tenantA, () => room.publish('ann', 'said', 1));
    await until('it is here', () => messages.length === 1);
    expect(messages[0]?.stream).toBe('chat/room/me');
  });

  it.each([
    ['chat/room/1', 'PLUGIN_NOT_ENABLED', () => off.add(`${tenantA}/chat`)],
    ['chat/hall/1', 'NOT_FOUND', () => undefined],
    ['chat/room', 'BAD_REQUEST', () => undefined],
    ['../x/1', 'BAD_REQUEST', () => undefined],
  ])('refuses %s with %s', async (stream, code, prepare) => {
    chat();
    prepare();
    expect(await subscribe(await openTab('ann'), { stream })).toMatchObject({ ok: false, code });
  });

  it('passes on what the plugin answers, and hides what it throws', async () => {
    chat({
      async snapshot(key) {
        throw key === 'gone'
          ? Object.assign(new Error('No such room.'), {
              name: 'JackfieldError',
              code: 'NOT_FOUND',
              status: 404,
            })
          : new Error('password=1234');
      },
    });
    const ann = await openTab('ann');
    expect(await subscribe(ann, { stream: 'chat/room/gone' })).toMatchObject({
      ok: false,
      code: 'NOT_FOUND',
    });
    const hidden = await subscribe(ann, { stream: 'chat/room/1' });
    expect(hidden).toMatchObject({ ok: false, code: 'INTERNAL' });
    expect(JSON.stringify(hidden)).not.toContain('1234');
  });

  it('closes what a user may no longer see, and leaves the rest', async () => {
    const room = chat({ permission: 'chat:read' });
    realtime.forPlugin('chat', book).topic('lobby', { snapshot: async () => null });
    const ann = await openTab('ann');
    const [messages, closed] = [messagesOf(ann), closedOf(ann)];
    await subscribe(ann, { stream: 'chat/room/1' });
    await subscribe(ann, { stream: 'chat/lobby/1' });
    sessions.set('ann', identity('ann', tenantA, []));
    await realtime.refreshUser('ann');
    await until('it is closed', () => closed.length === 1);
    expect(closed[0]).toMatchObject({ stream: 'chat/room/1', code: 'FORBIDDEN' });
    inTenant(tenantA, () => room.publish('1', 'said', 'secret'));
    await settled(ann);
    expect(messages).toEqual([]);
    expect(ann.connected).toBe(true);
  });
});

describe('a plugin switched off', () => {
  it('closes its streams in that tenant at once, and in no other', async () => {
    const room = chat();
    const [ann, bob] = [await openTab('ann'), await openTab('bob')];
    const [annsClosed, bobsClosed, bobsMessages] = [closedOf(ann), closedOf(bob), messagesOf(bob)];
    await subscribe(ann, { stream: 'chat/room/1' });
    await subscribe(bob, { stream: 'chat/room/1' });
    off.add(`${tenantA}/chat`);
    realtime.closePlugin(tenantA, 'chat');
    await until('it is closed', () => annsClosed.length === 1);
    expect(annsClosed[0]).toMatchObject({ stream: 'chat/room/1', code: 'PLUGIN_NOT_ENABLED' });
    room.publish('1', 'said', 'still on', { tenantId: tenantB });
    await until('the other goes on', () => bobsMessages.length === 1);
    expect(bobsClosed).toEqual([]);
    expect(await subscribe(ann, { stream: 'chat/room/1' })).toMatchObject({
      ok: false,
      code: 'PLUGIN_NOT_ENABLED',
    });
  });

  it('refuses a subscription that was on its way', async () => {
    chat({
      async snapshot() {
        off.add(`${tenantA}/chat`);
        realtime.closePlugin(tenantA, 'chat');
        return 'too late';
      },
    });
    expect(await subscribe(await openTab('ann'), { stream: 'chat/room/1' })).toMatchObject({
      ok: false,
      code: 'PLUGIN_NOT_ENABLED',
    });
  });
});

describe('a slow client', () => {
  it('costs no memory: its stream is closed when the log has moved past it, and it can subscribe again', async () => {
    const room = chat();
    const ann = await openTab('ann');
    const [messages, closed] = [messagesOf(ann), closedOf(ann)];
    await subscribe(ann, { stream: 'chat/room/1' });
    // In one turn of the event loop nothing can be sent, as over a line that is stuck.
    inTenant(tenantA, () => Array.from({ length: 3_000 }, (_, n) => room.publish('1', 'said', n)));
    await until('it is closed', () => closed.length === 1);
    expect(closed[0]).toMatchObject({ stream: 'chat/room/1', code: 'RATE_LIMITED' });
    expect(messages.length).toBeLessThan(200);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
    expect(await subscribe(ann, { stream: 'chat/room/1' })).toMatchObject({ kind: 'snapshot', seq: 3_000 });
  });

  it('gets a burst that the log still holds whole', async () => {
    const room = chat();
    const ann = await openTab('ann');
    const messages = messagesOf(ann);
    await subscribe(ann, { stream: 'chat/room/1' });
    inTenant(tenantA, () => Array.from({ length: 900 }, (_, n) => room.publish('1', 'said', n)));
    await until('all are here', () => messages.length === 900);
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
  });

  it('may not follow more than 200 streams', async () => {
    chat();
    const ann = await openTab('ann');
    const replies = await Promise.all(
      Array.from({ length: 201 }, (_, n) => subscribe(ann, { stream: `chat/room/${n}` })),
    );
    expect(replies.filter(({ ok }) => ok)).toHaveLength(200);
    expect(replies.at(-1)).toMatchObject({ ok: false, code: 'RATE_LIMITED' });
  });
});

describe('presence', () => {
  function watch(plugin = 'acd'): { changes: string[]; isConnected(userId: string): boolean } {
    const changes: string[] = [];
    const api = realtime.forPlugin(plugin, book);
    api.onPresence(({ userId, tenantId, connected }) => {
      expect(scope.tenantId()).toBe(tenantId);
      changes.push(`${userId} ${connected ? 'on' : 'off'}`);
    });
    return { changes, isConnected: (userId) => inTenant(tenantA, () => api.isConnected(userId)) };
  }

  it('[core-38] does not see a reload of the page as a leave', async () => {
    const { changes, isConnected } = watch();
    const first = await openTab('ann');
    expect(isConnected('ann')).toBe(true);
    first.disconnect();
    await until('the server has seen it', () => clock.pending() === 3);
    await clock.advance(4_000);
    expect(isConnected('ann')).toBe(true);
    const second = await openTab('ann');
    await clock.advance(10_000);
    expect(changes).toEqual(['ann on']);

    second.disconnect();
    await until('the server has seen it', () => clock.pending() === 3);
    await clock.advance(5_000);
    expect(changes).toEqual(['ann on', 'ann off']);
    expect(isConnected('ann')).toBe(false);
  });

  it('counts tabs: who closes one of two is still there', async () => {
    const { changes } = watch();
    const [first, second] = [await openTab('ann'), await openTab('ann')];
    first.disconnect();
    await settled(second);
    await clock.advance(10_000);
    expect(changes).toEqual(['ann on']);
  });

  it('is not told across tenants, nor to a plugin that is off', async () => {
    off.add(`${tenantB}/acd`);
    const { changes, isConnected } = watch();
    await openTab('bob');
    await openTab('ann');
    expect(changes).toEqual(['ann on']);
    expect(isConnected('bob')).toBe(false);
  });
});

describe('the topic core/ui', () => {
  it('tells every tab of a tenant that its plugins changed, and one user that his rights did', async () => {
    const [ann, bob] = [await openTab('ann'), await openTab('bob')];
    const [annsMessages, bobsMessages] = [messagesOf(ann), messagesOf(bob)];
    for (const tab of [ann, bob])
      expect(await subscribe(tab, { stream: 'core/ui/me' })).toMatchObject({ ok: true });
    expect(await subscribe(ann, { stream: 'core/ui/cleo' })).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    realtime.ui.pluginsChanged(tenantA);
    realtime.ui.userChanged(tenantA, 'ann');
    await until('both are here', () => annsMessages.length === 2);
    expect(annsMessages.map(({ type }) => type)).toEqual(['plugins', 'user']);
    await settled(bob);
    expect(bobsMessages).toEqual([]);
  });

  it('is open to an operator, who has no tenant; streams of plugins are not', async () => {
    chat();
    const operator = await openTab('operator');
    expect(await subscribe(operator, { stream: 'core/ui/me' })).toMatchObject({ ok: true });
    expect(await subscribe(operator, { stream: 'chat/room/1' })).toMatchObject({
      ok: false,
      code: 'PLUGIN_NOT_ENABLED',
    });
  });
});

describe('stopping', () => {
  it('disconnects every tab and leaves no timer behind', async () => {
    const ann = await openTab('ann');
    await realtime.stop();
    await until('it is out', () => !ann.connected);
    expect(clock.pending()).toBe(0);
  });
});
