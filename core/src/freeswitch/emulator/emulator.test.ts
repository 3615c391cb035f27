import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from './clock.ts';
import { Emulator } from './emulator.ts';
import type { EventMessage } from './event-message.ts';

let clock: FakeClock;
let emulator: Emulator;
let events: EventMessage[];

beforeEach(() => {
  clock = new FakeClock();
  emulator = new Emulator({ password: 'x', clock, domain: 'd', heartbeatSec: 0 });
  events = [];
  emulator.onEvent((event) => events.push(event));
});

const of = (name: string, uuid: string) =>
  events.find((event) => event.name === name && event.get('Unique-ID') === uuid);

async function run(line: string, ms = 0): Promise<string> {
  const answer = emulator.api(line);
  await clock.advance(ms);
  return answer;
}

describe('the scripted trunk', () => {
  test.each([
    ['13900139001', '-ERR USER_BUSY\n', 1000],
    ['13900139002', '-ERR NO_ANSWER\n', 10_000],
    ['13900139003', '+OK t\n', 3000],
    ['13900139004', '+OK t\n', 2000],
    ['13900139005', '-ERR CALL_REJECTED\n', 1000],
    ['13900139006', '-ERR UNALLOCATED_NUMBER\n', 100],
    ['13900139007', '-ERR USER_BUSY\n', 2000],
    ['13900139008', '-ERR NORMAL_TEMPORARY_FAILURE\n', 100],
    ['13900139000', '+OK t\n', 1000],
  ])('%s: %j', async (number, answer, ms) => {
    const dial = `originate {origination_uuid=t,ignore_early_media=true,originate_timeout=10}sofia/gateway/any/${number} &park()`;
    expect(await run(dial, ms + 50)).toBe(answer);
  });

  test('…09 hangs up by itself, …07 with early media is parked first', async () => {
    await run('originate {origination_uuid=a}sofia/gateway/any/1009 &park()', 1100);
    await clock.advance(6000);
    expect(of('CHANNEL_HANGUP_COMPLETE', 'a')?.get('variable_sip_hangup_disposition')).toBe('recv_bye');
    expect(await run('originate {origination_uuid=b}sofia/gateway/any/1007 &park()', 100)).toBe('+OK b\n');
    await clock.advance(3000);
    expect(of('CHANNEL_PARK', 'b')?.get('Answer-State')).toBe('early');
    expect(of('CHANNEL_HANGUP', 'b')?.get('Hangup-Cause')).toBe('USER_BUSY');
  });

  test('the beep of …04 is found by avmd', async () => {
    await run('originate {origination_uuid=m}sofia/gateway/any/1004 &park()', 2100);
    emulator.core.channels.get('m')?.queueApp('avmd_start', '');
    await clock.advance(5000);
    expect(events.filter((event) => event.subclass === 'avmd::beep')).toHaveLength(2);
  });
});

describe('hooks', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: FreeSWITCH's own
  const facts = '${end_uepoch}|${answer_uepoch}|${hangup_cause}|${nothing}';

  test('api_reporting_hook knows the times and the cause, before HANGUP_COMPLETE', async () => {
    const uuid = emulator.dial({ number: '1', from: '2' }) ?? '';
    await clock.advance(100);
    await run(`uuid_setvar ${uuid} api_reporting_hook hash insert/jackfield/${uuid}/${facts}`);
    emulator.core.channels.get(uuid)?.queueApp('answer', '');
    await clock.advance(2000);
    emulator.hangup(uuid);
    await clock.advance(100);
    const complete = of('CHANNEL_HANGUP_COMPLETE', uuid);
    const expected = `${complete?.get('variable_end_uepoch')}|${complete?.get('variable_answer_uepoch')}|NORMAL_CLEARING|`;
    expect(await run(`hash select/jackfield/${uuid}`)).toBe(expected);
    expect(await run('hash_dump db jackfield')).toBe(`D/jackfield_${uuid}/${expected}\n`);
    expect(await run(`hash delete/jackfield/${uuid}`)).toBe('+OK\n');
    expect(await run(`hash delete/jackfield/${uuid}`)).toBe('-ERR Not found\n');
    expect(complete?.get('variable_billsec')).toBe('2');
  });

  test('api_hangup_hook runs too', async () => {
    const uuid = emulator.dial({ number: '1', from: '2' }) ?? '';
    await clock.advance(50);
    await run(`uuid_setvar ${uuid} api_hangup_hook global_setvar gone=yes`);
    emulator.hangup(uuid);
    await clock.advance(100);
    expect(await run('global_getvar gone')).toBe('yes');
  });
});

describe('expansion', () => {
  test('of variables, parts of them, fields, api calls, and escapes', async () => {
    const uuid = emulator.dial({ number: '4001', from: '138' }) ?? '';
    await clock.advance(50);
    await run(`uuid_setvar ${uuid} who abcdef`);
    const channel = emulator.core.channels.get(uuid);
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: FreeSWITCH's own
    channel?.queueApp(
      'set',
      'out=${who}-${who:1:2}-${destination_number}-${hash(select/none/x)}-\\${who}-$x-\\\\',
    );
    await clock.advance(100);
    expect(await run(`uuid_getvar ${uuid} out`)).toBe('abcdef-bc-4001--${who}-$x-\\');
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: FreeSWITCH's own
  });
});

describe('phones over the event socket', () => {
  test('a customer dials, types, holds and hangs up', async () => {
    const uuid = (await run("jackfield phone dial 4001 13800138000 '张 三'")).trim().slice(4);
    await clock.advance(50);
    expect(of('CHANNEL_PARK', uuid)?.get('Caller-Caller-ID-Name')).toBe('张 三');
    expect(await run(`jackfield phone digits ${uuid} 12`)).toBe('-ERR Not in this state\n');
    emulator.core.channels.get(uuid)?.queueApp('answer', '');
    await clock.advance(50);
    expect(await run(`jackfield phone digits ${uuid} 12`)).toBe('+OK\n');
    expect(await run(`jackfield phone hold ${uuid} on`)).toBe('+OK\n');
    await clock.advance(50);
    expect(events.filter((event) => event.name === 'DTMF').map((event) => event.get('DTMF-Digit'))).toEqual([
      '1',
      '2',
    ]);
    expect(await run(`jackfield phone hangup ${uuid}`)).toBe('+OK\n');
    await clock.advance(50);
    // a call on hold is taken off it by its end
    expect(of('CHANNEL_UNHOLD', uuid)).toBeDefined();
    expect(await run(`jackfield phone hangup ${uuid}`)).toBe('-ERR No such channel!\n');
  });

  test('users are registered, ring, answer, dial out, and are gone', async () => {
    expect(await run('originate user/1001@d &park()')).toBe('-ERR SUBSCRIBER_ABSENT\n');
    expect(await run('jackfield phone user 1001 d')).toBe('+OK\n');
    expect(await run('originate user/1001@d &park()')).toBe('-ERR USER_NOT_REGISTERED\n');
    expect(await run('jackfield phone register 1001 d manual')).toBe('+OK\n');
    const call = emulator.api('originate {origination_uuid=p}user/1001@d &park()');
    await clock.advance(500);
    expect(JSON.parse(await run('jackfield phone list'))).toEqual([
      { user: '1001', domain: 'd', calls: ['p'] },
    ]);
    expect(await run('jackfield phone answer p')).toBe('+OK\n');
    await clock.advance(50);
    expect(await call).toBe('+OK p\n');
    const out = (await run('jackfield phone dial 13900139000 1001@d')).trim().slice(4);
    await clock.advance(50);
    const park = of('CHANNEL_PARK', out);
    expect(park?.get('Caller-Context')).toBe('default');
    expect(park?.get('variable_sofia_profile_name')).toBe('internal');
    expect(park?.get('variable_user_name')).toBe('1001');
    expect(park?.get('variable_domain_name')).toBe('d');
    expect(await run('jackfield phone unregister 1001 d')).toBe('+OK\n');
    expect(await run('sofia_contact 1001@d')).toBe('error/user_not_registered');
  });

  test.each(['busy', 'reject', 'noanswer', 'gone', '500'])('register … %s', async (behaviour) => {
    await run(`jackfield phone register 7 d ${behaviour}`);
    const answers: Record<string, string> = {
      busy: '-ERR USER_BUSY\n',
      reject: '-ERR CALL_REJECTED\n',
      noanswer: '-ERR NO_ANSWER\n',
      gone: '-ERR NORMAL_TEMPORARY_FAILURE\n',
      500: '+OK b\n',
    };
    const call = emulator.api('originate {origination_uuid=b,originate_timeout=5}user/7@d &park()');
    await clock.advance(6000);
    expect(await call).toBe(answers[behaviour]);
  });

  test('what makes no sense is refused', async () => {
    expect(await run('jackfield phone register 1 d nonsense')).toMatch(/^-USAGE/);
    expect(await run('jackfield nothing')).toMatch(/^-USAGE/);
    expect(await run('jackfield phone dial 1 9@d')).toBe('-ERR Not registered\n');
    await run('fsctl pause');
    expect(await run('jackfield phone dial 1 2')).toBe('-ERR Refused with 503\n');
    expect(emulator.dial({ number: '1', from: '2' })).toBeNull();
  });
});

test('a thousand calls at once come, are parked, and go, and leave nothing behind', async () => {
  const uuids = Array.from(
    { length: 1000 },
    (_, i) => emulator.dial({ number: '4001', from: `138${i}` }) ?? '',
  );
  await clock.advance(100);
  expect(await run('show channels count')).toBe('\n1000 total.\n');
  for (const uuid of uuids) emulator.hangup(uuid);
  await clock.advance(100);
  expect(await run('show channels as json')).toBe('{"row_count": 0}\n');
  expect(events.filter((event) => event.name === 'CHANNEL_HANGUP_COMPLETE')).toHaveLength(1000);
  expect(await clock.step()).toBe(false);
});

test('an error inside an application ends that call and no other', async () => {
  emulator.core.applications.add('explode', () => Promise.reject(new Error('boom')));
  const uuid = emulator.dial({ number: '1', from: '2' }) ?? '';
  const other = emulator.dial({ number: '1', from: '3' }) ?? '';
  await clock.advance(50);
  emulator.core.channels.get(uuid)?.queueApp('explode', '');
  await clock.advance(100);
  expect(of('CHANNEL_HANGUP_COMPLETE', uuid)?.get('Hangup-Cause')).toBe('DESTINATION_OUT_OF_ORDER');
  expect(await run(`uuid_exists ${other}`)).toBe('true');
});

test('records within the limit of clock seconds, and refuses what it cannot write', async () => {
  const uuid = emulator.dial({ number: '1', from: '2' }) ?? '';
  await clock.advance(50);
  emulator.core.channels.get(uuid)?.queueApp('answer', '');
  await clock.advance(50);
  expect(await run(`uuid_record ${uuid} start /etc/hostname/x.wav`)).toBe('-ERR Cannot record session!\n');
  expect(await run(`uuid_record ${uuid} start /tmp/x.txt`)).toBe('-ERR Cannot record session!\n');
});

test('after a shutdown another one listens on the same port, with another Core-UUID', async () => {
  const stopped = new Promise<void>((resolve) => {
    emulator = new Emulator({ password: 'x', heartbeatSec: 0, onShutdown: resolve });
  });
  await emulator.start();
  const { port, coreUuid } = emulator;
  await emulator.api('fsctl shutdown now');
  await stopped;
  const second = new Emulator({ password: 'x', heartbeatSec: 0, port });
  await second.start();
  expect(second.port).toBe(port);
  expect(second.coreUuid).not.toBe(coreUuid);
  await second.stop();
});
