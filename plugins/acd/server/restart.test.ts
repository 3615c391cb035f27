import { startTestSwitch, type TestApp, type TestSwitch, until } from '@jackfield/core/test-kit';
import { afterEach, expect, it } from 'vitest';
import { type AgentBody, type LiveQueue, openCentre } from './testing/centre.fixture.ts';

const HOTLINE = '4008001234';

let running: { app: TestApp; switch: TestSwitch } | null = null;
afterEach(async () => {
  await running?.app.stop();
  await running?.switch.stop();
  running = null;
});

it('[acd-50] a restart drops no talk, keeps every caller at his place and every agent as he was', async () => {
  const on = await startTestSwitch();
  const centre = await openCentre({ on });
  running = { app: centre.app, switch: on };
  const [amy, ben] = await centre.agents('amy', 'ben');
  const queue = await centre.queue({ wrapUpMode: 'manual', ringSeconds: 60 }, [amy, ben]);
  await centre.number(HOTLINE, queue);
  await amy.ready();
  const talking = centre.dial(HOTLINE, '13700137000');
  on.emulator.answer(await amy.ringing());
  const { signedInAt } = await amy.talks();
  await ben.ready();
  centre.dial(HOTLINE, '13800138000');
  await ben.ringing();
  for (const [from, count] of [
    ['13900139001', 2],
    ['13900139002', 3],
  ] as const) {
    centre.dial(HOTLINE, from);
    await queue.becomes(`${count} wait`, ({ waiting }) => waiting === count);
  }
  const order = (live: LiveQueue) => live.contacts.map(({ id }) => id);
  const before = await queue.live();

  const app = await centre.app.restart();
  running = { app, switch: on };
  const admin = await app.admin();
  const live = async () => (await admin.get<LiveQueue>(`/api/acd/queues/${queue.id}/live`)).body;
  const agent = async (userId: string) =>
    (await admin.get<{ items: AgentBody[] }>('/api/acd/agents')).body.items.find(
      (one) => one.userId === userId,
    );
  const after = await until('all are back, and the head of the line is offered again', async () => {
    const now = await live();
    return now.waiting === 3 && now.talking === 1 && now.contacts[0]?.state === 'offered' ? now : null;
  });
  expect(order(after)).toEqual(order(before));
  expect(after.contacts[0]?.userId).toBe(ben.user.id);
  expect(await agent(amy.user.id)).toMatchObject({ shown: 'talking', answered: 1, signedInAt });

  on.emulator.answer(await ben.ringing());
  await until('ben talks', async () => (await agent(ben.user.id))?.shown === 'talking');
  on.emulator.hangup(talking);
  await until('amy is in wrap-up', async () => (await agent(amy.user.id))?.shown === 'wrap-up');
});

it('a restart finds a talk that went on in another page where it is', async () => {
  const on = await startTestSwitch();
  const centre = await openCentre({ on });
  running = { app: centre.app, switch: on };
  const [amy] = await centre.agents('amy');
  await amy.user.put('/api/telephony/me/phone', { device: 'browser' });
  const queue = await centre.queue({ wrapUpMode: 'manual' }, [amy]);
  await centre.number(HOTLINE, queue);
  await amy.ready();
  const caller = centre.dial(HOTLINE);
  on.emulator.answer(await amy.ringing());
  const { contact } = await amy.talks();
  await amy.user.post(`/api/telephony/calls/${contact?.id}/rejoin`);
  await until('the lost leg is gone', () => amy.legs() === 1);

  const app = await centre.app.restart();
  running = { app, switch: on };
  const admin = await app.admin();
  const agent = async () =>
    (await admin.get<{ items: AgentBody[] }>('/api/acd/agents')).body.items.find(
      (one) => one.userId === amy.user.id,
    );
  await until('the talk is found', async () => (await agent())?.shown === 'talking');
  expect(amy.legs()).toBe(1);
  on.emulator.hangup(caller);
  await until('amy is in wrap-up', async () => (await agent())?.shown === 'wrap-up');
});
