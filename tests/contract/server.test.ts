import { readFile } from 'node:fs/promises';
import { createTestApp, type TestApp } from '@jackfield/core/test-kit';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('the server', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ plugins: ['interactions'] });
  });
  afterAll(() => app.stop());

  it('starts with nothing but Node: SQLite, jobs of its own and the emulator', async () => {
    const { status, body } = await app.anonymous.get('/readyz');
    expect({ status, body }).toEqual({
      status: 200,
      body: { status: 'ready', checks: { database: null, switch: null, plugins: null } },
    });
  });

  it('signs an administrator in and shows the plugins', async () => {
    const admin = await app.admin();
    const { body } = await admin.get<{ items: { id: string; state: string }[] }>('/api/core/plugins');
    expect(body.items).toMatchObject([{ id: 'interactions', state: 'started', active: true }]);
  });
});

describe('a server that is told to stop', () => {
  it('does not wait for browsers that stay connected', async () => {
    const app = await createTestApp({ plugins: ['interactions'] });
    const { cookie } = await app.admin();
    const tab = io(app.url, { transports: ['websocket'], reconnection: false, extraHeaders: { cookie } });
    await new Promise<void>((resolve, reject) => tab.on('connect', resolve).on('connect_error', reject));
    await app.stop();
    expect(tab.connected).toBe(false);
  });
});

describe('the first start', () => {
  it('makes a demo tenant with its people, and says how each signs in', async () => {
    const app = await createTestApp({ plugins: ['interactions'], tenants: [], env: { DEMO: 'on' } });
    try {
      const { accounts, file } = app.demo ?? { accounts: [], file: '' };
      expect(accounts.map(({ role }) => role).sort()).toEqual(
        [...Array.from({ length: 10 }, () => 'agent'), 'admin', 'operator', 'supervisor'].sort(),
      );
      const text = await readFile(file, 'utf8');
      for (const { account, password } of accounts) {
        expect(text).toContain(account);
        const { status } = await app.anonymous.post('/api/core/sign-in', { account, password });
        expect({ account, status }).toEqual({ account, status: 200 });
      }
    } finally {
      await app.stop();
    }
  });
});
