import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Emulator, FakeClock } from '../../core/src/freeswitch/emulator/index.ts';
import { differences } from './emulator-scenarios/compare.ts';
import { eachWithout, leniency } from './emulator-scenarios/leniency.ts';
import { type Observed, replay } from './emulator-scenarios/replay.ts';
import { scenario as inbound } from './emulator-scenarios/scenario-02.ts';
import { scenario as bridging } from './emulator-scenarios/scenario-04.ts';
import { scenario as shutdown } from './emulator-scenarios/scenario-16.ts';
import { scenarios } from './emulator-scenarios/scenarios.ts';
import { plainEvent, readTimeline, splitFrame } from './emulator-scenarios/trace-timeline.ts';

// the local times of the traces are those of a machine on UTC
beforeAll(() => {
  vi.stubEnv('TZ', 'UTC');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

describe('the emulator says what FreeSWITCH said in', () => {
  for (const { scenario, more } of scenarios) {
    test(`trace ${scenario.trace}: ${scenario.title}`, async () => {
      const played = await replay(scenario);
      const found = differences(played, leniency(more));
      expect(found.join('\n')).toBe('');
    });
  }
});

describe('the order of replies and events', () => {
  test('a reply to sendmsg, uuid_bridge and bgapi comes before the events of what it began', async () => {
    const { observed } = await replay(bridging);
    const position = (match: (o: Observed) => boolean) => observed.findIndex(match);
    const reply = (text: string) => position((o) => o.kind === 'reply' && o.text.includes(text));
    const event = (name: string) => position((o) => o.kind === 'event' && o.event.name === name);
    expect(reply('Job-UUID: job-agent-1')).toBeLessThan(event('BACKGROUND_JOB'));
    expect(event('BACKGROUND_JOB')).toBeGreaterThan(event('CHANNEL_ANSWER'));
    expect(reply('+OK a1000000-0000-4000-8000-000000000001')).toBeLessThan(event('CHANNEL_BRIDGE'));
  });

  test('while an api command takes its time, its connection gets no events and no other replies', async () => {
    const { emulator, clock, client } = await openEmulator();
    client.send('api msleep 1000');
    client.send('api echo after');
    emulator.dial({ number: '4001', from: '138' });
    await clock.advance(500);
    expect(client.replies()).toHaveLength(2);
    expect(client.events()).toHaveLength(0);
    await clock.advance(600);
    expect(client.replies().slice(2)).toEqual(['+OK', 'after']);
    expect(client.events().length).toBeGreaterThan(0);
  });

  test('the job of a failing bgapi originate ends before the leg says HANGUP_COMPLETE', async () => {
    const { emulator, clock, client } = await openEmulator();
    emulator.registerPhone('1001', 'cc.test', 'busy');
    client.send('bgapi originate {origination_uuid=x}user/1001@cc.test &park()\nJob-UUID: j');
    await clock.advance(2000);
    const names = client.events().map((event) => event.name);
    expect(names.indexOf('BACKGROUND_JOB')).toBeLessThan(names.indexOf('CHANNEL_HANGUP_COMPLETE'));
    expect(names.indexOf('CHANNEL_HANGUP')).toBeLessThan(names.indexOf('BACKGROUND_JOB'));
  });
});

test('HEARTBEAT has the headers of the real one', async () => {
  const real = readTimeline('16').find(
    (e) => e.kind === 'event' && e.event.name === 'HEARTBEAT' && e.event.headerNames,
  );
  const { clock, client } = await openEmulator({ heartbeatSec: 20 });
  await clock.advance(20_100);
  const beat = client.events().find((event) => event.name === 'HEARTBEAT');
  expect(beat?.headerNames).toEqual(real?.kind === 'event' ? real.event.headerNames : []);
});

test('after a restart events carry another Core-UUID and are numbered from the start', async () => {
  const { observed } = await replay(shutdown);
  const eventsOf = (connection: string) =>
    observed.flatMap((o) => (o.kind === 'event' && o.connection === connection ? [o.event.fields] : []));
  const before = eventsOf('A');
  const after = eventsOf('B');
  const cores = (events: typeof before) => new Set(events.map((fields) => fields.get('Core-UUID')));
  expect(cores(before).size).toBe(1);
  expect(cores(after).size).toBe(1);
  expect(cores(after)).not.toEqual(cores(before));
  const sequence = (fields: ReadonlyMap<string, string> | undefined) => Number(fields?.get('Event-Sequence'));
  expect(sequence(after[0])).toBeLessThan(sequence(before.at(-1)));
});

test('nothing is allowed to differ that does not', async () => {
  const needed = new Set<string>();
  const allowed = new Set<string>();
  const common = new Set(eachWithout(leniency()).map(([name]) => name));
  for (const { scenario, more } of scenarios) {
    const played = await replay(scenario);
    for (const [name, rest] of eachWithout(leniency(more))) {
      // what holds for all traces has to be needed by one of them
      const allowance = common.has(name) ? name : `${scenario.trace}: ${name}`;
      allowed.add(allowance);
      if (!needed.has(allowance) && differences(played, rest).length > 0) needed.add(allowance);
    }
  }
  expect([...allowed].filter((allowance) => !needed.has(allowance))).toEqual([]);
});

describe('the comparison itself', () => {
  test('finds an event that is missing, one too much, another header, another text', async () => {
    const played = await replay(inbound);
    const park = played.observed.findIndex((o) => o.kind === 'event' && o.event.name === 'CHANNEL_PARK');
    const answer = played.observed.findIndex((o) => o.kind === 'event' && o.event.name === 'CHANNEL_ANSWER');
    const changed = (observed: readonly Observed[]) =>
      differences({ ...played, observed }, leniency()).join('\n');

    expect(changed(played.observed)).toBe('');
    expect(changed(played.observed.toSpliced(park, 1))).toContain('ch1: missing  CHANNEL_PARK');
    expect(changed(played.observed.toSpliced(park, 0, played.observed[park] as Observed))).toContain(
      'ch1: too much CHANNEL_PARK',
    );
    const without = played.observed.map((o, index) =>
      index === answer && o.kind === 'event'
        ? {
            ...o,
            event: {
              ...o.event,
              fields: new Map([...o.event.fields, ['Answer-State', 'ringing']]),
              headerNames: (o.event.headerNames ?? []).filter((name) => name !== 'Caller-ANI'),
            },
          }
        : o,
    );
    expect(changed(without)).toContain('CHANNEL_ANSWER Answer-State: trace "answered", emulator "ringing"');
    expect(changed(without)).toContain('CHANNEL_ANSWER lacks Caller-ANI');
    const said = played.observed.map((o) =>
      o.kind === 'reply' && o.text.includes('-ERR No such channel!')
        ? { ...o, text: o.text.replace('No such', 'no such') }
        : o,
    );
    expect(changed(said)).toContain('emulator "Content-Type: api/response\\n\\n-ERR no such channel!\\n"');
  });

  test('finds a connection that was closed, or not', async () => {
    const played = await replay(shutdown);
    const open = played.observed.filter((o) => o.kind !== 'closed');
    expect(differences({ ...played, observed: open }, leniency())).toContain(
      'A: trace closes, emulator stays open',
    );
  });
});

/** A client without a network, subscribed to everything. */
async function openEmulator(options: { heartbeatSec?: number } = {}) {
  const clock = new FakeClock();
  const emulator = new Emulator({
    password: 'pw',
    clock,
    domain: 'cc.test',
    heartbeatSec: options.heartbeatSec ?? 0,
  });
  emulator.startHeartbeat();
  let received = Buffer.alloc(0);
  const connection = emulator.connect({
    pendingBytes: 0,
    write: (data) => {
      received = Buffer.concat([received, Buffer.from(data)]);
      return true;
    },
    end: () => {},
    destroy: () => {},
  });
  const frames = () => {
    const found: { type: string; head: string; body: string }[] = [];
    for (let at = 0; at < received.length; ) {
      const blank = received.indexOf('\n\n', at);
      const head = received.toString('utf8', at, blank);
      const length = Number(/^Content-Length: (\d+)$/m.exec(head)?.[1] ?? 0);
      const frame = received.toString('utf8', at, blank + 2 + length);
      found.push({ ...splitFrame(frame), head });
      at = blank + 2 + length;
    }
    return found;
  };
  const client = {
    send: (text: string) => connection.receive(Buffer.from(`${text}\n\n`)),
    replies: () =>
      frames()
        .filter(({ type }) => type === 'command/reply' || type === 'api/response')
        .map(({ type, head, body }) =>
          type === 'api/response' ? body.trim() : (/^Reply-Text: (.*)$/m.exec(head)?.[1] ?? ''),
        ),
    events: () =>
      frames().flatMap(({ type, body }) => (type === 'text/event-plain' ? [plainEvent(body)] : [])),
  };
  client.send('auth pw');
  client.send('event plain ALL');
  await clock.settle();
  return { emulator, clock, client };
}
