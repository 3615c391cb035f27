import { until } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Acme, openAcme } from './testing/acme.ts';

let acme: Acme;
beforeAll(async () => {
  acme = await openAcme();
});
afterAll(() => acme.app.stop());

describe('a call to an access number', () => {
  it('rings the extension it leads to, joins the two and records the talk', async () => {
    const amy = await acme.agent('amy', '1001');
    await acme.number('4008001234', { kind: 'extension', target: { number: '1001' } }, { alias: 'Hotline' });
    const caller = acme.dial('4008001234', '13800138000', 'Li Wei');
    const leg = await acme.legAt('1001');
    acme.app.emulator?.answer(leg);
    await acme.record((call) => call.answeredAt !== null);
    acme.app.emulator?.hangup(caller);
    const call = await acme.record((one) => one.endedAt !== null);
    expect(call).toMatchObject({
      direction: 'inbound',
      from: '+8613800138000',
      fromName: 'Li Wei',
      to: '+864008001234',
      alias: 'Hotline',
      outcome: 'connected',
      agentUserId: amy.id,
    });
    await until('the agent is free again', async () => {
      const { body } = await amy.get<{ calls: unknown[] }>('/api/telephony/me');
      return body.calls.length === 0;
    });
  });
});
