import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthReport } from '../../core/src/health/contract.ts';
import { createTestApp, fakeClock, type TestApp, type TestUser, until } from '../../core/test-kit/index.ts';

const HOUR = 3_600_000;
const fixture = join(import.meta.dirname, '../fixtures/health/gives-up');
const broken = join(import.meta.dirname, '../fixtures/plugins/throws-in-setup');
const clock = fakeClock();

let app: TestApp;
let operator: TestUser;
let admin: TestUser;
beforeAll(async () => {
  app = await createTestApp({ plugins: [fixture, broken], clock, env: { DEMO: 'on' } });
  const account = app.demo?.accounts.find(({ role }) => role === 'operator');
  if (!account) throw new Error('the demo has no operator');
  operator = await app.signIn(account.account, account.password);
  admin = await app.signIn('admin@acme', account.password);
});
afterAll(() => app.stop());

const report = async () => (await operator.get<HealthReport>('/api/core/health')).body;
const done = async () => (await admin.get<string[]>('/api/gives-up/done')).body;
const audited = async (action: string) =>
  (await operator.get<{ items: { target: object; before: unknown }[] }>(`/api/core/audit?action=${action}`))
    .body.items;

/** Time passes in steps that let what is due in one be written before the next. */
async function untilFailed(events: number, jobs: number): Promise<HealthReport> {
  return await until('all tries are used up', async () => {
    await clock.advance(HOUR / 4);
    const now = await report();
    return now.failedEvents.length === events && now.failedJobs.length === jobs ? now : null;
  });
}

describe('the health of the installation', () => {
  it('[core-60] is of operators alone', async () => {
    expect((await admin.get('/api/core/health')).status).toBe(403);
    expect((await app.anonymous.get('/api/core/health')).status).toBe(401);
    expect((await admin.post('/api/core/health/circuits/close', { point: 'x' })).status).toBe(403);
  });

  it('[core-60] names what it stands on, and who was quarantined at which step and why', async () => {
    const { switch: node, database, jobs, plugins, ...rest } = await report();
    expect(node).toMatchObject({ state: 'connected', emulator: true, since: expect.any(Number) });
    expect({ database, jobs }).toEqual({ database: 'sqlite', jobs: 'database' });
    expect(plugins).toEqual([
      expect.objectContaining({ id: 'throws-in-setup', step: 'setup', reason: expect.stringMatching(/\S/) }),
    ]);
    expect(rest).toEqual({ circuits: [], failedEvents: [], failedJobs: [] });
  });

  it('[core-60] [core-51] shows a point that rests with its errors, and lets it work again at once', async () => {
    const work = () => admin.get('/api/gives-up/work');
    for (let n = 0; n < 20; n += 1) expect((await work()).status).toBe(500);
    expect((await work()).status).toBe(503);
    const [circuit] = (await report()).circuits;
    expect(circuit).toMatchObject({
      pluginId: 'gives-up',
      errors: 20,
      openUntil: clock.now() + 300_000,
      lastError: 'the route is out of order',
    });
    const close = () => operator.post('/api/core/health/circuits/close', { point: circuit?.point });
    expect((await close()).status).toBe(204);
    expect((await report()).circuits).toEqual([]);
    expect((await work()).status).toBe(500);
    expect(await audited('circuit.close')).toMatchObject([{ target: { label: circuit?.point } }]);
    expect((await close()).status).toBe(404);
  });

  it('[core-60] [core-51] shows events and jobs that failed for good; each is tried anew or given up', async () => {
    await admin.post('/api/gives-up/ask');
    await admin.post('/api/gives-up/ask');
    const { failedEvents, failedJobs } = await untilFailed(2, 2);
    expect(failedEvents[0]).toMatchObject({
      name: 'gives-up:asked',
      subscriber: 'gives-up:gives-up:asked',
      tenant: 'Acme',
      attempts: 6,
      error: 'the event is out of order',
    });
    expect(failedJobs[0]).toMatchObject({
      name: 'gives-up:sweep',
      tenant: 'Acme',
      attempts: 1,
      error: 'the job is out of order',
    });

    const [event, job] = [failedEvents.map(({ id }) => id), failedJobs.map(({ id }) => id)];
    expect((await operator.delete(`/api/core/health/events/${event[0]}`)).status).toBe(204);
    expect((await operator.delete(`/api/core/health/jobs/${job[0]}`)).status).toBe(204);
    await admin.post('/api/gives-up/mend');
    expect((await operator.post(`/api/core/health/events/${event[1]}/retry`)).status).toBe(204);
    expect((await operator.post(`/api/core/health/jobs/${job[1]}/retry`)).status).toBe(204);
    await until('both are done', async () => {
      await clock.advance(1_000);
      return (await done()).length === 2;
    });
    expect((await done()).sort()).toEqual(['the event', 'the job']);
    expect(await report()).toMatchObject({ failedEvents: [], failedJobs: [] });

    expect(await audited('event.discard')).toMatchObject([
      { target: { id: event[0] }, before: { error: 'the event is out of order' } },
    ]);
    expect(await audited('event.retry')).toMatchObject([{ target: { id: event[1] } }]);
    expect(await audited('job.discard')).toMatchObject([{ target: { id: job[0], label: 'gives-up:sweep' } }]);
    expect(await audited('job.retry')).toMatchObject([{ target: { id: job[1] } }]);
    for (const path of [`events/${event[0]}`, `jobs/${job[0]}`]) {
      expect((await operator.delete(`/api/core/health/${path}`)).status).toBe(404);
      expect((await operator.post(`/api/core/health/${path}/retry`)).status).toBe(404);
    }
  });
});
