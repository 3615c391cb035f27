// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is FreeSWITCH syntax here
import { afterEach, describe, expect, it } from 'vitest';
import { ScriptedSwitch } from '../event-socket/testing/scripted-switch.ts';
import type { FreeswitchNodeOptions } from './freeswitch-node.ts';
import { NodeOnScript } from './testing/node-on-script.ts';

let on: NodeOnScript;

const start = async (options: Partial<FreeswitchNodeOptions> = {}) => {
  on = await NodeOnScript.start(options);
  return on;
};

afterEach(() => on.close());

describe('FreeswitchNode: connecting', () => {
  it('subscribes first, reads the truth, and only then is connected', async () => {
    await start();
    await on.connect();
    const [auth, subscription, ...rest] = on.server.lines;
    expect(auth).toBe('auth ClueCon');
    expect(subscription).toMatch(/^event plain CHANNEL_CREATE .* CUSTOM sofia::register/);
    expect(rest).toEqual([
      'api version',
      'api eval ${core_uuid}',
      'api show channels as json',
      'api hash_dump db jackfield',
    ]);
    expect(on.story).toEqual(['connecting', 'connected', 'resync connected']);
    expect(on.node.state).toMatchObject({ coreUuid: 'core-1', emulator: false });
  });

  it('recognises the emulator', async () => {
    await start();
    on.server.handle(({ line }) =>
      line === 'api version' ? 'FreeSWITCH Version 1.11 (Jackfield emulator)\n' : undefined,
    );
    await on.connect();
    expect(on.node.state).toMatchObject({ emulator: true });
  });

  it('takes an absent switch as a state, and tries again later and later', async () => {
    const gone = await ScriptedSwitch.listen();
    const { address } = gone;
    await gone.close();
    await start({ address });
    on.node.start();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt++) {
      await on.until(() => on.timers.pending.length === 1);
      waits.push(...on.timers.pending);
      expect(on.node.state).toMatchObject({ state: 'connecting', attempt: attempt + 1 });
      on.timers.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    await on.until(() => on.timers.pending.length === 1);
    const back = await ScriptedSwitch.listen(address.port);
    on.timers.advance(10_000);
    await on.until(() => on.node.state.state === 'connected');
    await on.node.stop();
    await back.close();
  });

  it('says why in the state when the password is wrong', async () => {
    await start({ address: { host: '127.0.0.1', port: 1, password: 'x' } });
    await on.close();
    on = await NodeOnScript.start();
    on.server.password = 'another';
    on.node.start();
    await on.until(() => on.timers.pending.length === 1);
    expect(on.node.state).toMatchObject({
      state: 'connecting',
      lastError: 'The phone switch refused the password.',
    });
  });

  it('rejects commands while there is no connection', async () => {
    await start();
    await expect(on.node.hangup('u1')).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
    await expect(on.node.play('u1', ['a.wav'])).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' });
    expect(() => on.node.forgetReceipt('u1')).not.toThrow();
    expect(on.node.state).toEqual({ state: 'stopped' });
  });

  it('tries again once, not twice, when the connection breaks while it is being set up', async () => {
    await start();
    on.server.handle(({ line }, connection) => {
      if (line.startsWith('event ')) connection.reset();
      return undefined;
    });
    on.node.start();
    await on.until(() => on.story.length === 2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(on.story).toEqual(['connecting', 'connecting']);
    expect(on.timers.pending).toEqual([500]);
  });

  it('does not come back with a connection that was begun before it was stopped', async () => {
    await start();
    on.node.start();
    await on.node.stop();
    await on.until(() => on.server.connections.length === 1 && !on.server.connection.open);
    expect(on.story).toEqual(['connecting', 'stopped']);
    await on.connect();
    expect(on.server.connections).toHaveLength(2);
  });

  it('stops for good', async () => {
    await start();
    await on.connect();
    await on.node.stop();
    expect(on.node.state).toEqual({ state: 'stopped' });
    expect(on.timers.pending).toEqual([]);
    expect(on.story.at(-1)).toBe('stopped');
  });
});

describe('FreeswitchNode: resync', () => {
  const row = (uuid: string, more: object = {}) => ({
    uuid,
    direction: 'inbound',
    callstate: 'ACTIVE',
    application: 'park',
    ...more,
  });

  it('reads channels, variables and receipts', async () => {
    await start();
    on.channels(
      {
        a: {
          'Answer-State': 'answered',
          'Channel-State': 'CS_SOFT_EXECUTE',
          variable_bridge_to: 'b',
          variable_jf_call: 'C1',
        },
        b: { 'Answer-State': 'answered', 'Call-Direction': 'outbound', variable_bridge_to: 'a' },
        c: { 'Answer-State': 'ringing', variable_signal_bond: 'stale', variable_bridge_uuid: 'stale' },
      },
      [
        row('a', { application: 'uuid_bridge', application_data: 'b' }),
        row('b', { direction: 'outbound', application: 'uuid_bridge', application_data: 'a' }),
        row('c', { application: 'uuid_bridge', application_data: 'long gone' }),
        row('gone'),
      ],
    );
    on.server.handle(({ line }) =>
      line === 'api hash_dump db jackfield' ? 'D/jackfield_z/1795165640300193|0|USER_BUSY\n' : undefined,
    );
    await on.connect();
    const [resync] = on.resyncs;
    expect(resync).toMatchObject({ reason: 'connected', coreUuid: 'core-1', lastAliveAt: null });
    expect(resync?.channels.map(({ dump: _, ...channel }) => channel)).toEqual([
      { uuid: 'a', direction: 'inbound', answered: true, bridgedTo: 'b', application: 'uuid_bridge' },
      { uuid: 'b', direction: 'outbound', answered: true, bridgedTo: 'a', application: 'uuid_bridge' },
      { uuid: 'c', direction: 'inbound', answered: false, bridgedTo: null, application: 'uuid_bridge' },
      { uuid: 'gone', direction: 'inbound', answered: true, bridgedTo: null, application: 'park' },
    ]);
    expect(resync?.channels.map((channel) => channel.dump?.variable('jf_call') ?? null)).toEqual([
      'C1',
      null,
      null,
      null,
    ]);
    expect(resync?.receipts).toEqual([
      { uuid: 'z', endedAt: 1795165640300, answeredAt: null, cause: 'USER_BUSY' },
    ]);
  });

  it('hands out events that come during a resync after it', async () => {
    await start();
    on.server.handle(({ line }, connection) => {
      if (line === 'api show channels as json') connection.event('CHANNEL_PARK', { 'Unique-ID': 'new' });
      if (line === 'api hash_dump db jackfield') connection.event('CHANNEL_HANGUP', { 'Unique-ID': 'new' });
      return undefined;
    });
    await on.connect();
    await on.until(() => on.events.length === 2);
    expect(on.story).toEqual([
      'connecting',
      'connected',
      'resync connected',
      'CHANNEL_PARK',
      'CHANNEL_HANGUP',
    ]);
  });

  it('does so again every 30 s, and asks for channels that the table does not have yet', async () => {
    await start();
    await on.connect();
    on.event('CHANNEL_CREATE', 'fresh');
    await on.until(() => on.events.length === 1);
    on.channels({ fresh: { 'Answer-State': 'ringing', 'Call-Direction': 'outbound' } });
    await on.advance(30_000);
    await on.until(() => on.resyncs.length === 2);
    expect(on.resyncs[1]).toMatchObject({
      reason: 'periodic',
      channels: [{ uuid: 'fresh', direction: 'outbound', answered: false }],
    });
    await on.advance(30_000);
    await on.until(() => on.resyncs.length === 3);
  });

  it('ends what waits for a channel that a resync does not find', async () => {
    await start();
    await on.connect();
    on.event('CHANNEL_CREATE', 'u1');
    await on.until(() => on.events.length === 1);
    const playing = on.node.play('u1', ['a.wav']);
    await on.command(/sendmsg u1 playback/);
    await on.advance(30_000);
    await expect(playing).rejects.toMatchObject({ code: 'CALL_ENDED' });
  });

  it('says that all calls are gone when the switch is another process', async () => {
    await start();
    await on.connect();
    on.event('HEARTBEAT', '');
    await on.until(() => on.events.length === 1);
    const heardAt = on.timers.now();
    on.server.coreUuid = 'core-2';
    on.server.connection.close();
    await on.until(() => on.node.state.state === 'connecting');
    on.timers.advance(20_000);
    await on.until(() => on.resyncs.length === 2);
    expect(on.resyncs[1]).toMatchObject({ reason: 'core-changed', coreUuid: 'core-2', lastAliveAt: heardAt });
  });

  it('connects again when a heartbeat comes from another process', async () => {
    await start();
    await on.connect();
    on.server.connection.event('HEARTBEAT', { 'Core-UUID': 'core-9' });
    await on.until(() => on.node.state.state === 'connecting');
  });

  it('connects again after an overflow, at once', async () => {
    await start({ maxBufferedEvents: 50 });
    await on.connect();
    const { server } = on;
    const burst = Array.from(
      { length: 3000 },
      (_, n) =>
        `Content-Length: ${24 + String(n).length}\nContent-Type: text/event-plain\n\nEvent-Name: HEARTBEAT\nn: ${n}\n\n`,
    );
    // each: 'Event-Name: HEARTBEAT\n' + 'n: <n>\n' + '\n'
    server.connection.raw(
      burst
        .map((frame, n) => frame.replace(/Content-Length: \d+/, `Content-Length: ${27 + String(n).length}`))
        .join(''),
    );
    await on.until(() => on.node.state.state === 'connecting');
    expect(on.timers.pending).toEqual([0]);
    on.timers.advance(0);
    await on.until(() => on.resyncs.length === 2);
    expect(on.resyncs[1]?.reason).toBe('overflow');
    const seen = on.events.map((event) => Number(event.get('n')));
    expect(seen).toEqual(seen.map((_, n) => n));
  });

  it('gives the connection up when the switch stops answering', async () => {
    await start();
    await on.connect();
    on.server.handle(() => null);
    on.timers.advance(30_000);
    await on.command(/show channels/, 2);
    on.timers.advance(10_000);
    await on.until(() => on.node.state.state === 'connecting');
    expect(on.node.state).toMatchObject({ lastError: 'error: no reply within 10000 ms' });
  });

  it('works without mod_hash', async () => {
    await start();
    on.server.handle(({ line }) =>
      line.includes('hash_dump') ? '-ERR hash_dump Command not found!\n' : undefined,
    );
    await on.connect();
    expect(on.resyncs[0]?.receipts).toEqual([]);
  });

  it('does not become connected on a table it cannot read', async () => {
    await start();
    on.server.handle(({ line }) => (line.includes('show channels') ? 'nonsense' : undefined));
    on.node.start();
    await on.until(() => on.story.length === 2);
    expect(on.story).toEqual(['connecting', 'connecting']);
    expect(on.node.state).toMatchObject({
      attempt: 2,
      lastError: 'error: The list of channels cannot be read.',
    });
  });

  it('survives a listener that throws', async () => {
    await start();
    on.node.listen({
      onEvent() {
        throw new Error('a bug');
      },
      onResync() {
        throw new Error('a bug');
      },
      onState() {
        throw new Error('a bug');
      },
    });
    await on.connect();
    on.event('CHANNEL_PARK', 'u1');
    await on.until(() => on.events.length === 1);
  });
});
