import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp, until } from '../../../test-kit/index.ts';
import { Emulator } from '../emulator/emulator.ts';
import type { PhoneEvent } from './phone-line.ts';

/** The switch is in a process of its own, as it were: calls outlive the server. */
describe('the virtual phone', () => {
  const password = 'emulator-of-a-test';
  let emulator: Emulator;
  let app: TestApp;

  beforeEach(async () => {
    emulator = new Emulator({ password, tickMs: 0 });
    await emulator.start();
    app = await createTestApp({ env: { FREESWITCH_URL: `esl://:${password}@127.0.0.1:${emulator.port}` } });
    await until('the line is there', async () => (await app.anonymous.get('/api/phone/line')).status < 300);
  });
  afterEach(async () => {
    await app.stop();
    await emulator.stop();
  });

  async function dial(): Promise<string> {
    const { status, body } = await app.anonymous.post<{ id: string }>('/api/phone/calls', {
      number: '4001',
      from: '13800138000',
      name: "Wáng d'Or",
    });
    expect(status).toBe(201);
    return body.id;
  }
  async function heard(id: string, since = 0): Promise<readonly PhoneEvent[]> {
    const path = `/api/phone/calls/${id}/events?since=${since}`;
    return (await app.anonymous.get<{ events: PhoneEvent[] }>(path)).body.events;
  }

  it('dials with a name that holds a quote, and hangs up', async () => {
    const id = await dial();
    const { status } = await app.anonymous.post(`/api/phone/calls/${id}/hangup`);
    expect(status).toBe(204);
    expect((await heard(id)).at(-1)).toMatchObject({ type: 'ended' });
    expect((await app.anonymous.post(`/api/phone/calls/${id}/digits`, { digits: '1' })).status).toBe(410);
  });

  it('keeps the call over a restart of the server, and counts on', async () => {
    const id = await dial();
    app = await app.restart();
    await until('the call is known again, and hung up', async () => {
      return (await app.anonymous.post(`/api/phone/calls/${id}/hangup`)).status === 204;
    });
    const [last] = await heard(id, 7);
    expect(last).toMatchObject({ type: 'ended' });
  });

  it('knows no call that the switch does not know', async () => {
    expect((await app.anonymous.get('/api/phone/calls/no-such-call/events')).status).toBe(404);
  });
});
