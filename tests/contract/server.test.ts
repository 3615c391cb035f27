import { createTestApp, type TestApp } from '@jackfield/core/test-kit';
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
