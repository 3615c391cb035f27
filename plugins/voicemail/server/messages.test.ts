import { type TestDatabase, testDatabases, until } from '@jackfield/core/test-kit';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MessageView, type Office, openOffice } from './testing/office.fixture.ts';

interface AuditView {
  readonly actor: { readonly name: string };
  readonly target: { readonly label: string };
}

describe.each(testDatabases())('on $name', ({ open }) => {
  let office: Office;
  let message: MessageView;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
    office = await openOffice({ tenants: ['acme', 'globex'], env: { DATABASE_URL: database.url } });
    message = await office.leaveMessage('13912345678');
  });
  afterAll(async () => {
    await office.stop();
    await database.drop();
  });

  const audited = async (action: string) =>
    (
      await office.admin.get<{ items: AuditView[] }>(
        `/api/core/audit?action=${action}&targetId=${message.id}`,
      )
    ).body.items;
  const as = (user: { cookie: string }, path: string, headers: Record<string, string> = {}) =>
    fetch(`${office.app.url}/api/voicemail/messages/${path}`, {
      headers: { cookie: user.cookie, ...headers },
    });

  describe('the list of messages', () => {
    it('[voicemail-04] has the newest first, by box, by number or name, and those that nobody has heard', async () => {
      const second = await office.leaveMessage('13700000002');
      expect((await office.messages()).map(({ id }) => id)).toEqual([second.id, message.id]);
      expect((await office.messages('sort=startedAt')).map(({ id }) => id)).toEqual([message.id, second.id]);
      expect(await office.messages('search=12345678')).toMatchObject([{ id: message.id }]);
      expect(await office.messages(`boxId=${office.box.id}`)).toHaveLength(2);
      expect(await office.messages(`boxId=${message.id}`)).toEqual([]);
      await office.admin.put(`/api/voicemail/messages/${second.id}/heard`, { heard: true });
      expect((await office.messages('unheard=true')).map(({ id }) => id)).toEqual([message.id]);
      await office.admin.delete(`/api/voicemail/messages/${second.id}`);
    });

    it('shows numbers only to who may see them, and lets nobody else search for one', async () => {
      const sara = await office.app.user('sara', 'supervisor');
      expect(await office.messages('', office.admin)).toMatchObject([{ number: '+8613912345678' }]);
      expect(await office.messages('', sara)).toMatchObject([{ number: '+86139****5678' }]);
      expect(await office.messages('search=12345678', sara)).toEqual([]);
    });

    it('tells who has heard a message, until it is marked as unheard', async () => {
      const path = `/api/voicemail/messages/${message.id}/heard`;
      const { body } = await office.admin.put<MessageView>(path, { heard: true });
      expect(body).toMatchObject({ heardBy: 'Admin', heardAt: expect.any(Number) });
      const vera = await office.app.user('vera', 'supervisor');
      // The first to hear it stands there.
      expect((await vera.put<MessageView>(path, { heard: true })).body).toEqual({
        ...body,
        number: expect.any(String),
      });
      expect((await vera.put<MessageView>(path, { heard: false })).body).toMatchObject({
        heardBy: null,
        heardAt: null,
      });
    });
  });

  describe('the sound of a message', () => {
    it('[voicemail-05] answers ranges, so that a browser can seek, in one channel', async () => {
      const part = await as(office.admin, `${message.id}/audio`, { range: 'bytes=0-43' });
      expect(part.status).toBe(206);
      expect(part.headers.get('content-type')).toBe('audio/wav');
      const head = Buffer.from(await part.arrayBuffer());
      expect(head.toString('latin1', 0, 4)).toBe('RIFF');
      expect(head.readUInt16LE(22)).toBe(1);
      await as(office.admin, `${message.id}/audio`, { range: 'bytes=44-99' });
      expect((await as(office.admin, `${message.id}/audio`, { range: 'bytes=999999999-' })).status).toBe(416);
      expect(await audited('message.play')).toMatchObject([{ actor: { name: 'Admin' } }]);
    });

    it('[voicemail-05] is downloaded with the permission only, under a name without the full number', async () => {
      const leader = await office.app.user('leader', 'agent-administrator');
      expect((await as(leader, `${message.id}/audio`)).status).toBe(200);
      expect((await as(leader, `${message.id}/download`)).status).toBe(403);
      const response = await as(office.admin, `${message.id}/download`);
      expect(response.headers.get('content-disposition')).toMatch(
        /^attachment; filename="\d{8}-\d{6}-\+86139xxxx5678\.wav"$/,
      );
      const entries = await audited('message.download');
      expect(entries).toMatchObject([{ actor: { name: 'Admin' } }]);
      expect(entries[0]?.target.label).not.toContain('13912345678');
    });
  });

  describe('who may not', () => {
    it('is an agent, anybody of another tenant, and nobody who is not signed in', async () => {
      const agent = await office.app.user('amy');
      const stranger = await office.app.admin('globex');
      expect((await as(agent, message.id)).status).toBe(403);
      expect((await as(office.app.anonymous, message.id)).status).toBe(401);
      expect(await office.messages('', stranger)).toEqual([]);
      for (const path of [message.id, `${message.id}/audio`, `${message.id}/download`])
        expect((await as(stranger, path)).status, path).toBe(404);
      expect(
        (await stranger.put(`/api/voicemail/messages/${message.id}/heard`, { heard: true })).status,
      ).toBe(404);
      expect((await stranger.delete(`/api/voicemail/messages/${message.id}`)).status).toBe(404);
      expect((await stranger.get(`/api/voicemail/of-call/${message.callId}`)).body).toEqual({ items: [] });
      const boxes = await stranger.get<{ items: unknown[] }>('/api/voicemail/boxes');
      expect(boxes.body.items).toEqual([]);
    });
  });

  describe('a new message', () => {
    it('[voicemail-09] is told at once to those who look, with how many nobody has heard', async () => {
      const told: number[] = [];
      const socket = follow(office, office.admin.cookie, (unheard) => told.push(unheard));
      try {
        await until('the stream is open', () => told.length === 1);
        const { id } = await office.leaveMessage();
        await until('it is told', () => told.at(-1) === (told[0] ?? 0) + 1);
        await office.admin.put(`/api/voicemail/messages/${id}/heard`, { heard: true });
        await until('it is heard', () => told.at(-1) === told[0]);
        await office.admin.delete(`/api/voicemail/messages/${id}`);
      } finally {
        socket.close();
      }
    });

    it('cannot be heard before it is over', async () => {
      const before = await office.messages();
      const caller = office.dial();
      await caller.speaks(1_100);
      expect(await office.messages()).toEqual(before);
      caller.hangUp();
      const { id } = await caller.message();
      await office.admin.delete(`/api/voicemail/messages/${id}`);
    });

    it('has the name that the contact has', async () => {
      const caller = office.dial('13655550001', 'Lin Xiaowen');
      await caller.speaks(1_100);
      caller.hangUp();
      expect(await caller.message()).toMatchObject({ name: 'Lin Xiaowen' });
      expect(await office.messages('search=xiaowen')).toHaveLength(1);
    });

    it('can be called back by who does not see its number', async () => {
      const user = await office.app.user('cara', 'supervisor');
      await office.admin.post('/api/telephony/extensions', { number: '1001', userId: user.id });
      office.emulator.registerPhone('1001', 'acme.jackfield.local');
      const placed = await user.post<{ callId: string }>('/api/telephony/dial', {
        ref: { type: 'voicemail.message', id: message.id },
      });
      expect(placed.status).toBe(201);
      const { body } = await office.admin.get<{ to: string }>(`/api/telephony/calls/${placed.body.callId}`);
      expect(body.to).toBe('+8613912345678');
      office.emulator.hangup(
        await until(
          'his phone rings',
          () => office.emulator.callsOf('1001', 'acme.jackfield.local')[0]?.uuid,
        ),
      );
    });
  });

  describe('a message that is deleted', () => {
    it('is gone with its sound, and the audit log says who did it', async () => {
      const leader = await office.app.user('lead', 'agent-administrator');
      expect((await leader.delete(`/api/voicemail/messages/${message.id}`)).status).toBe(403);
      expect((await office.admin.delete(`/api/voicemail/messages/${message.id}`)).status).toBe(204);
      expect((await as(office.admin, `${message.id}/audio`)).status).toBe(404);
      expect((await office.messages()).map(({ id }) => id)).not.toContain(message.id);
      expect(await audited('message.delete')).toMatchObject([{ actor: { name: 'Admin' } }]);
      expect(await office.storedFiles()).toHaveLength((await office.messages()).length);
    });
  });

  describe('a tenant that switches the plugin off', () => {
    it('has its routes and its destination gone, and all of it back when it is on again', async () => {
      const before = await office.messages();
      await office.app.gate.disable(office.app.tenant('acme'), 'voicemail');
      expect((await office.admin.get<{ code: string }>('/api/voicemail/messages')).body.code).toBe(
        'PLUGIN_NOT_ENABLED',
      );
      const offered = async () =>
        (await office.admin.get<{ kinds: { kind: string }[] }>('/api/telephony/destinations')).body.kinds.map(
          ({ kind }) => kind,
        );
      expect(await offered()).not.toContain('voicemail');
      const caller = office.dial();
      expect(await caller.outcome()).toBe('failed');
      await office.app.gate.enable(office.app.tenant('acme'), 'voicemail');
      expect(await offered()).toContain('voicemail');
      expect(await office.messages()).toEqual(before);
    });
  });
});

/** What the stream of the inbox says of how many are unheard. */
function follow({ app }: Office, cookie: string, say: (unheard: number) => void): Socket {
  const socket = io(app.url, {
    transports: ['websocket'],
    extraHeaders: { cookie },
    forceNew: true,
  });
  socket.on('message', ({ data }: { data: { unheard: number } }) => say(data.unheard));
  socket.on('connect', () =>
    socket.emit(
      'subscribe',
      { stream: 'voicemail/inbox/all' },
      ({ snapshot }: { snapshot: { unheard: number } }) => say(snapshot.unheard),
    ),
  );
  return socket;
}
