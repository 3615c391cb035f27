// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is FreeSWITCH syntax here
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OriginateRequest } from './contract.ts';
import { parseOriginate } from './separate-string.ts';
import { NodeOnScript } from './testing/node-on-script.ts';

let on: NodeOnScript;

beforeEach(async () => {
  on = await NodeOnScript.start();
  await on.connect();
});

afterEach(() => on.close());

/** Whether a promise has settled, after everything that is under way. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  promise.then(
    () => {
      is = true;
    },
    () => {
      is = true;
    },
  );
  await on.node.api('echo'); // whatever was sent before has been handled when this answers
  await new Promise((resolve) => setImmediate(resolve));
  return is;
}

const refuse = (api: string, reply: string, exists: string) => {
  on.server.handle(({ line }) => {
    if (line.startsWith(`api ${api}`) || (api === 'sendmsg' && line.startsWith('sendmsg'))) return reply;
    return line.startsWith('api uuid_exists') ? exists : undefined;
  });
};

describe('a command on a channel', () => {
  it('is proved by an event, not by +OK', async () => {
    const answering = on.node.answer('u1');
    const command = await on.command(/sendmsg u1 answer/);
    expect(command.headers).toMatchObject({ 'call-command': 'execute', 'event-lock': 'true' });
    expect(await settled(answering)).toBe(false);
    on.event('CHANNEL_ANSWER', 'u1', { 'Answer-State': 'answered' });
    await answering;
    expect(on.events.map((event) => event.name)).toEqual(['CHANNEL_ANSWER']);
  });

  it('rejects when the channel hangs up first', async () => {
    const answering = on.node.answer('u1');
    await on.command(/sendmsg u1 answer/);
    on.event('CHANNEL_HANGUP', 'u1', { 'Hangup-Cause': 'ORIGINATOR_CANCEL' });
    await expect(answering).rejects.toMatchObject({
      code: 'CALL_ENDED',
      details: { cause: 'ORIGINATOR_CANCEL' },
    });
  });

  it('rejects when the connection is lost', async () => {
    const all = Promise.allSettled([
      on.node.answer('u1'),
      on.node.bridge('u1', 'u2'),
      on.node.play('u1', ['a.wav']),
      on.node.play('u1', ['b.wav']),
      on.node.originate({ uuid: 'u3', endpoint: 'user/1@x', timeoutSec: 5, callerId: { number: '1' } }),
    ]);
    await on.command(/bgapi originate/);
    on.server.connection.reset();
    for (const result of await all) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SWITCH_UNREACHABLE' } });
    }
  });

  it('rejects when no proof comes in time', async () => {
    const answering = on.node.answer('u1');
    await on.command(/sendmsg u1 answer/);
    await settled(answering);
    on.timers.advance(10_000);
    await expect(answering).rejects.toMatchObject({ code: 'SWITCH_TIMEOUT' });
  });

  it('asks the switch, not the text, why it was refused', async () => {
    refuse('sendmsg', '-ERR invalid session id [u1]', 'false');
    await expect(on.node.answer('u1')).rejects.toMatchObject({ code: 'CALL_ENDED' });
    refuse('uuid_kill', '-ERROR\n', 'true');
    await expect(on.node.hangup('u1')).rejects.toMatchObject({
      code: 'SWITCH_COMMAND_FAILED',
      details: { reply: '-ERROR' },
    });
  });

  it('refuses ids that would be something else', async () => {
    for (const uuid of ['', 'a b', 'a\n\napi fsctl shutdown']) {
      await expect(on.node.hangup(uuid)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      await expect(on.node.play(uuid, ['x'])).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      await expect(on.node.stopMedia(uuid)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
    await expect(on.node.hangup('u1', 'A B')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('hangup, ringing, variables, keys', () => {
  it('hangs up with a cause', async () => {
    const ending = on.node.hangup('u1', 'USER_BUSY');
    await on.command(/^api uuid_kill u1 USER_BUSY/);
    on.event('CHANNEL_HANGUP', 'u1');
    await ending;
  });

  it('rings', async () => {
    const ringing = on.node.ringing('u1');
    on.completes(await on.command(/ring_ready/));
    await ringing;
  });

  it('sets variables of any text, one command each', async () => {
    await on.node.setVariables('u1', {
      jf_name: ` it's 张三\nnew \\ %20`,
      jf_none: null,
      jf_var: '${domain}',
      jf_empty: '',
    });
    expect(on.server.lines.slice(-4)).toEqual([
      `api uuid_setvar u1 jf_name \\sit\\'s\\s张三\\nnew\\s\\\\\\s%2520`,
      'api uuid_setvar u1 jf_none',
      'api uuid_setvar u1 jf_var ${domain}',
      'api uuid_setvar u1 jf_empty',
    ]);
    await expect(on.node.setVariables('u1', { 'a b': 'x' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('sends keys, and nothing else', async () => {
    await on.node.sendDigits('u1', '12#@100');
    expect(on.server.lines.at(-1)).toBe('api uuid_send_dtmf u1 12#@100');
    await expect(on.node.sendDigits('u1', '1 2')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('asks the phone to answer', async () => {
    await on.node.pickUp('u1');
    expect(on.server.lines.at(-1)).toBe('api uuid_phone_event u1 talk');
  });

  it('knows whether a phone is registered', async () => {
    on.server.handle(({ line }) =>
      line.startsWith('api sofia_contact 1001') ? 'sofia/internal/sip:1001@x' : undefined,
    );
    expect(await on.node.isRegistered('1001', 'cc.test')).toBe(true);
    on.server.handle(({ line }) =>
      line.startsWith('api sofia_contact') ? 'error/user_not_registered' : undefined,
    );
    expect(await on.node.isRegistered('1002', 'cc.test')).toBe(false);
    await expect(on.node.isRegistered('1 2', 'cc.test')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('forgets a receipt', async () => {
    on.node.forgetReceipt('u1');
    await on.command(/^api hash delete\/jackfield\/u1/);
  });
});

describe('bridge and unbridge', () => {
  it('is there when CHANNEL_BRIDGE says so, for either leg', async () => {
    const bridging = on.node.bridge('caller', 'agent');
    await on.command(/uuid_bridge caller agent/);
    on.event('CHANNEL_BRIDGE', 'caller', { 'Bridge-A-Unique-ID': 'caller', 'Bridge-B-Unique-ID': 'someone' });
    expect(await settled(bridging)).toBe(false);
    on.event('CHANNEL_BRIDGE', 'caller', { 'Bridge-A-Unique-ID': 'caller', 'Bridge-B-Unique-ID': 'agent' });
    await bridging;
  });

  it('rejects when either leg ends first', async () => {
    const bridging = on.node.bridge('caller', 'agent');
    await on.command(/uuid_bridge/);
    on.event('CHANNEL_HANGUP', 'agent', { 'Hangup-Cause': 'NORMAL_CLEARING' });
    await expect(bridging).rejects.toMatchObject({ code: 'CALL_ENDED', details: { uuid: 'agent' } });
  });

  it('says which leg is gone', async () => {
    on.server.handle(({ line }) => {
      if (line.startsWith('api uuid_bridge')) return '-ERR Invalid uuid\n';
      return line === 'api uuid_exists agent' ? 'false' : undefined;
    });
    await expect(on.node.bridge('caller', 'agent')).rejects.toMatchObject({
      code: 'CALL_ENDED',
      details: { uuid: 'agent' },
    });
  });

  it('splits into two parked legs, in whichever order they park', async () => {
    on.event('CHANNEL_BRIDGE', 'caller', { 'Bridge-B-Unique-ID': 'agent' });
    await on.until(() => on.events.length === 1);
    const splitting = on.node.unbridge('agent');
    await on.command(/uuid_transfer agent -both 'park' inline/);
    on.event('CHANNEL_PARK', 'agent');
    on.event('CHANNEL_UNBRIDGE', 'caller');
    expect(await settled(splitting)).toBe(false);
    on.event('CHANNEL_PARK', 'caller');
    await splitting;
  });

  it('asks the switch for the partner it does not know', async () => {
    on.server.handle(({ line }) => (line === 'api uuid_getvar a bridge_to' ? 'b' : undefined));
    const splitting = on.node.unbridge('a');
    await on.command(/uuid_transfer/);
    on.event('CHANNEL_PARK', 'a');
    expect(await settled(splitting)).toBe(false);
    on.event('CHANNEL_HANGUP', 'b');
    await splitting;
  });

  it('rejects when the leg itself ends', async () => {
    on.event('CHANNEL_BRIDGE', 'a', { 'Bridge-B-Unique-ID': 'b' });
    await on.until(() => on.events.length === 1);
    const splitting = on.node.unbridge('a');
    await on.command(/uuid_transfer/);
    on.event('CHANNEL_HANGUP', 'a');
    await expect(splitting).rejects.toMatchObject({ code: 'CALL_ENDED' });
  });

  it('leaves a leg alone that is in no bridge, whatever sticky variables say', async () => {
    on.event('CHANNEL_BRIDGE', 'a', { 'Bridge-B-Unique-ID': 'b' });
    on.event('CHANNEL_HANGUP', 'b');
    await on.until(() => on.events.length === 2);
    on.server.handle(({ line }) => (line.includes('uuid_getvar') ? '_undef_' : undefined));
    await on.node.unbridge('a');
    expect(on.server.lines.at(-1)).toBe('api uuid_getvar a bridge_to');
  });
});

describe('play', () => {
  const play = async (prompts = ['a.wav'], options = {}) => {
    const result = on.node.play('u1', prompts, options);
    result.catch(() => {}); // some tests only look at the command
    return { result, command: await on.command(/sendmsg u1 playback/) };
  };

  it.each([
    [{ 'Application-Response': 'FILE PLAYED' }, 'done', 'done'],
    [{ 'Application-Response': 'FILE PLAYED' }, 'break', 'broken'],
    [{ 'Application-Response': 'FILE PLAYED', variable_playback_terminator_used: '1' }, 'done', 'broken'],
    [{ 'Application-Response': 'FILE NOT FOUND' }, null, 'missing'],
    [{ 'Application-Response': 'PLAYBACK ERROR' }, null, 'missing'],
    [{ 'Application-Response': 'PLAYBACK ERROR' }, 'done', 'broken'],
    [{ 'Application-Response': 'FILE PLAYED', 'Answer-State': 'hangup' }, 'done', 'hangup'],
  ])('%o after %s is %s', async (headers, status, outcome) => {
    const { result, command } = await play();
    if (status) {
      on.event('PLAYBACK_START', 'u1');
      on.event('PLAYBACK_STOP', 'u1', { 'Playback-Status': status });
    }
    on.event('CHANNEL_EXECUTE_COMPLETE', 'u1', { 'Application-UUID': 'of somebody else' });
    expect(await settled(result)).toBe(false);
    on.completes(command, headers);
    expect(await result).toEqual({ outcome });
  });

  it('is a hangup as soon as the channel hangs up', async () => {
    const { result } = await play();
    on.event('CHANNEL_HANGUP', 'u1');
    expect(await result).toEqual({ outcome: 'hangup' });
  });

  it('joins several prompts, and stops at the keys that are named only', async () => {
    const { command } = await play(['/a b.wav', `it's!.wav`], { terminators: '1#' });
    expect(command.headers['execute-app-arg']).toBe(`file_string:///a b.wav!it\\\\'s\\\\!.wav`);
    expect(on.server.lines).toContain('api uuid_setvar u1 playback_terminators 1#');
  });

  it('does not let a prompt be expanded', async () => {
    const { command } = await play(['tts://say|${shell rm}']);
    expect(command.headers['execute-app-arg']).toBe('tts://say|\\${shell rm}');
    expect(on.server.lines).toContain('api uuid_setvar u1 playback_terminators none');
  });

  it('plays one after the other on a channel, and does not wait on another', async () => {
    const { result, command } = await play(['a.wav']);
    const second = on.node.play('u1', ['b.wav']);
    const elsewhere = on.node.play('u2', ['c.wav']);
    on.completes(await on.command(/sendmsg u2 playback/), { 'Application-Response': 'FILE PLAYED' });
    await elsewhere;
    expect(on.server.commands.filter(({ headers }) => headers['execute-app-arg'] === 'b.wav')).toEqual([]);
    on.completes(command, { 'Application-Response': 'FILE PLAYED' });
    await result;
    on.completes(await on.command(/sendmsg u1 playback/, 2), { 'Application-Response': 'FILE PLAYED' });
    expect(await second).toEqual({ outcome: 'done' });
  });

  it('stops what plays and what waits behind it', async () => {
    const { result, command } = await play();
    const second = on.node.play('u1', ['b.wav']);
    const stopping = on.node.stopMedia('u1');
    await on.command(/uuid_break u1 all/);
    on.completes(command, { 'Application-Response': 'FILE PLAYED' });
    await stopping;
    expect(await Promise.all([result, second])).toEqual([{ outcome: 'broken' }, { outcome: 'broken' }]);
  });

  it('settles what FreeSWITCH threw away unheard', async () => {
    const { result } = await play();
    const stopping = on.node.stopMedia('u1');
    for (let attempt = 1; attempt <= 3; attempt++) {
      await on.command(/uuid_break u1 all/, attempt);
      await on.until(() => on.timers.pending.includes(200));
      on.timers.advance(200);
    }
    await stopping;
    expect(await result).toEqual({ outcome: 'broken' });
    const third = on.node.play('u1', ['c.wav']);
    on.completes(await on.command(/sendmsg u1 playback/, 2), { 'Application-Response': 'FILE PLAYED' });
    expect(await third).toEqual({ outcome: 'done' });
  });

  it('is harmless to stop when nothing plays', async () => {
    await on.node.stopMedia('u1');
    expect(on.server.lines.at(-1)).toBe('api uuid_break u1 all');
  });

  it('loops in the switch, over the end of each round', async () => {
    const { result, command } = await play(['moh.wav'], { loop: true });
    expect(command.headers.loops).toBe('-1');
    for (let round = 0; round < 3; round++) {
      on.event('PLAYBACK_START', 'u1');
      on.event('PLAYBACK_STOP', 'u1', { 'Playback-Status': 'done' });
      on.completes(command, { 'Application-Response': 'FILE PLAYED' });
    }
    expect(await settled(result)).toBe(false);
    on.event('PLAYBACK_START', 'u1');
    const stopping = on.node.stopMedia('u1');
    await on.command(/uuid_break/);
    on.event('PLAYBACK_STOP', 'u1', { 'Playback-Status': 'break' });
    on.completes(command, { 'Application-Response': 'FILE PLAYED' });
    await stopping;
    expect(await result).toEqual({ outcome: 'broken' });
  });

  it('begins a loop again that FreeSWITCH gave up, but not after the channel was taken away', async () => {
    const { result, command } = await play(['short.wav'], { loop: true });
    on.completes(command, { 'Application-Response': 'FILE PLAYED' });
    await on.until(() => on.timers.pending.includes(1500));
    on.timers.advance(1500);
    on.completes(await on.command(/sendmsg u1 playback/, 2), { 'Application-Response': 'FILE PLAYED' });
    await on.until(() => on.timers.pending.includes(1500));
    on.event('CHANNEL_UNPARK', 'u1');
    expect(await result).toEqual({ outcome: 'broken' });
    expect(on.timers.pending).not.toContain(1500);
  });

  it('ends a loop at a key', async () => {
    const { result, command } = await play(['moh.wav'], { loop: true, terminators: '*' });
    on.completes(command, { 'Application-Response': 'FILE PLAYED', variable_playback_terminator_used: '*' });
    expect(await result).toEqual({ outcome: 'broken' });
    await on.command(/uuid_break u1 all/);
  });

  it('has nothing to do without a prompt', async () => {
    expect(await on.node.play('u1', [])).toEqual({ outcome: 'done' });
  });
});

describe('collect', () => {
  const request = { prompts: ['/s/menu 1.wav'], minDigits: 2, maxDigits: 4, timeoutMs: 5000 };
  const collect = async (more = {}) => {
    const result = on.node.collect('u1', { ...request, ...more });
    result.catch(() => {}); // some tests only look at the command
    return { result, command: await on.command(/play_and_get_digits/) };
  };

  it('clears what it reads, then asks for any digits, once', async () => {
    const { command } = await collect({ digitTimeoutMs: 2000 });
    expect(on.server.lines.filter((line) => line.includes('u1'))).toEqual([
      'api uuid_setvar u1 jf_digits',
      'api uuid_setvar u1 read_result',
      'sendmsg u1',
    ]);
    expect(command.headers['execute-app-arg']).toBe(
      '2 4 1 5000 #D /s/menu\\\\s1.wav silence_stream://20 jf_digits .+ 2000',
    );
  });

  it('takes no terminator for none', async () => {
    const { command } = await collect({ terminators: '', prompts: ['a.wav', 'b.wav'], timeoutMs: 10 });
    expect(command.headers['execute-app-arg']).toBe(
      '2 4 1 1000 D file_string://a.wav!b.wav silence_stream://20 jf_digits .+ 10',
    );
  });

  it.each([
    [
      { variable_jf_digits: '1234', variable_read_result: 'success' },
      { outcome: 'digits', digits: '1234' },
    ],
    [
      { variable_jf_digits: '12', variable_read_result: 'failure' },
      { outcome: 'digits', digits: '12' },
    ],
    [
      { variable_jf_digits: '1', variable_read_result: 'failure' },
      { outcome: 'timeout', digits: '1' },
    ],
    [{ variable_read_result: 'failure' }, { outcome: 'timeout', digits: '' }],
    [{ variable_read_result: 'timeout' }, { outcome: 'timeout', digits: '' }],
    [{}, { outcome: 'missing', digits: '' }],
    [
      { variable_jf_digits: '1', 'Answer-State': 'hangup' },
      { outcome: 'hangup', digits: '1' },
    ],
  ])('%o is %o', async (headers, expected) => {
    const { result, command } = await collect();
    on.completes(command, headers);
    expect(await result).toEqual(expected);
  });

  it('waits for the digits of a caller who hangs up', async () => {
    const { result } = await collect();
    on.event('CHANNEL_HANGUP', 'u1');
    expect(await settled(result)).toBe(false);
    on.event('CHANNEL_HANGUP_COMPLETE', 'u1', { variable_jf_digits: '7' });
    expect(await result).toEqual({ outcome: 'hangup', digits: '7' });
  });

  it('is a timeout when it is stopped, and is told again until it stops', async () => {
    const { result, command } = await collect();
    const stopping = on.node.stopMedia('u1');
    await on.command(/uuid_break/);
    await on.until(() => on.timers.pending.includes(200));
    on.timers.advance(200);
    await on.command(/^api uuid_recv_dtmf u1 D/);
    on.event('DTMF', 'u1', { 'DTMF-Digit': 'D' });
    on.completes(command);
    await stopping;
    expect(on.events.map((event) => event.name)).toEqual(['CHANNEL_EXECUTE_COMPLETE']);
    expect(await result).toEqual({ outcome: 'timeout', digits: '' });
  });
});

describe('clearing a channel that another server has left', () => {
  it('ends the prompt and the waiting for keys, and forgets the keys', async () => {
    const cleared = on.node.clearMedia('u1');
    await on.command(/^api uuid_recv_dtmf u1 D/);
    expect(await settled(cleared)).toBe(false);
    on.event('CHANNEL_EXECUTE_COMPLETE', 'u1', { Application: 'play_and_get_digits' });
    await cleared;
    expect(on.server.lines.filter((line) => line.includes('u1'))).toEqual([
      'api uuid_break u1 all',
      'api uuid_recv_dtmf u1 D',
      'api uuid_flush_dtmf u1',
    ]);
  });

  it('does not wait for long for the end of what may not have been', async () => {
    const cleared = on.node.clearMedia('u1');
    await on.command(/^api uuid_recv_dtmf u1 D/);
    await on.advance(300);
    await cleared;
    await on.command(/^api uuid_flush_dtmf u1/);
  });
});

describe('originate', () => {
  const request: OriginateRequest = {
    uuid: 'leg-1',
    endpoint: 'user/1001@cc.test',
    timeoutSec: 20,
    callerId: { number: '+8613800138000', name: 'Caller "One"' },
    variables: { jf_call: 'C1', jf_note: `a, b='c' {` },
  };
  const originate = async () => {
    const result = on.node.originate(request);
    result.catch(() => {}); // some tests only look at the command
    const command = await on.command(/^bgapi originate/);
    return { result, command, job: String(command.headers['Job-UUID']) };
  };

  it('sets what is needed on the leg', async () => {
    const { command } = await originate();
    const read = parseOriginate(command.line.slice('bgapi originate '.length));
    expect(read).toEqual({
      endpoint: 'user/1001@cc.test',
      application: '&park()',
      variables: {
        jf_call: 'C1',
        jf_note: `a, b='c' {`,
        origination_uuid: 'leg-1',
        origination_caller_id_number: '+8613800138000',
        origination_caller_id_name: 'Caller One',
        originate_timeout: '21',
        ignore_early_media: 'true',
        origination_nested_vars: 'true',
        api_reporting_hook: 'hash insert/jackfield/leg-1/${end_uepoch}|${answer_uepoch}|${hangup_cause}',
      },
    });
  });

  it('ends with the result of its job, with or without a channel', async () => {
    const { result, job } = await originate();
    on.server.connection.job('of somebody else', '-ERR USER_BUSY\n');
    on.server.connection.job(job, '+OK leg-1\n');
    expect(await result).toEqual({ outcome: 'answered', uuid: 'leg-1' });
    const again = on.node.originate(request);
    const second = await on.command(/^bgapi originate/, 2);
    on.server.connection.job(String(second.headers['Job-UUID']), '-ERR USER_NOT_REGISTERED\n');
    expect(await again).toEqual({ outcome: 'failed', cause: 'USER_NOT_REGISTERED' });
  });

  it('rejects when the command itself was wrong', async () => {
    const { result, job } = await originate();
    on.server.connection.job(job, '-USAGE: <call url> <exten>|&<application_name>(<app_args>)\n');
    await expect(result).rejects.toMatchObject({ code: 'SWITCH_COMMAND_FAILED' });
  });

  it.each([
    ['CHANNEL_PARK', { 'Answer-State': 'answered' }, { outcome: 'answered', uuid: 'leg-1' }],
    ['CHANNEL_HANGUP', { 'Hangup-Cause': 'NO_ANSWER' }, { outcome: 'failed', cause: 'NO_ANSWER' }],
  ])('ends with %s when its job is lost', async (name, headers, expected) => {
    const { result } = await originate();
    on.event(name, 'leg-1', headers);
    expect(await settled(result)).toBe(false);
    on.timers.advance(2000);
    expect(await result).toEqual(expected);
  });

  it('gives up in the end', async () => {
    const { result } = await originate();
    await settled(result);
    on.timers.advance(36_000);
    await expect(result).rejects.toMatchObject({ code: 'SWITCH_TIMEOUT' });
  });

  it('refuses endpoints with more in them', async () => {
    const bad = on.node.originate({ ...request, endpoint: '{x=1}user/1001@cc.test' });
    await expect(bad).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it.each([
    ['listen', undefined, undefined],
    ['whisper', undefined, 'true'],
    ['barge', 'true', 'true'],
  ] as const)('%s on a talk counts from the moment of listening', async (mode, aleg, bleg) => {
    const result = on.node.eavesdrop({ ...request, target: 'agent', mode });
    const command = await on.command(/^bgapi originate/);
    const read = parseOriginate(command.line.slice('bgapi originate '.length));
    expect(read?.application).toBe('&eavesdrop(agent)');
    expect([read?.variables.eavesdrop_whisper_aleg, read?.variables.eavesdrop_whisper_bleg]).toEqual([
      aleg,
      bleg,
    ]);
    on.server.connection.job(String(command.headers['Job-UUID']), '+OK leg-1\n');
    expect(await settled(result)).toBe(false);
    on.event('MEDIA_BUG_START', 'agent', { 'Media-Bug-Function': 'eavesdrop' });
    expect(await result).toEqual({ outcome: 'answered', uuid: 'leg-1' });
  });

  it('fails to listen when there is nothing to listen to', async () => {
    on.server.handle(({ line }) => (line === 'api uuid_exists leg-1' ? 'false' : undefined));
    const result = on.node.eavesdrop({ ...request, target: 'gone', mode: 'listen' });
    const command = await on.command(/^bgapi originate/);
    on.server.connection.job(String(command.headers['Job-UUID']), '+OK leg-1\n');
    on.event('CHANNEL_HANGUP', 'leg-1', { 'Hangup-Cause': 'NORMAL_CLEARING' });
    expect(await result).toEqual({ outcome: 'failed', cause: 'NORMAL_CLEARING' });
  });
});

describe('recording and conference', () => {
  it('records in stereo, from RECORD_START to RECORD_STOP', async () => {
    const starting = on.node.startRecording('u1', '/rec/a b.wav');
    await on.command(/^api uuid_record u1 start \/rec\/a\\sb.wav/);
    expect(on.server.lines).toContain('api uuid_setvar u1 RECORD_STEREO true');
    on.event('RECORD_START', 'u1', { 'Record-File-Path': '/rec/a b.wav' });
    await starting;
    await on.node.startRecording('u1', '/rec/a b.wav'); // FreeSWITCH fires nothing for the second
    await on.node.maskRecording('u1', '/rec/a b.wav', true);
    expect(on.server.lines.at(-1)).toBe('api uuid_record u1 mask /rec/a\\sb.wav');
    const stopping = on.node.stopRecording('u1', '/rec/a b.wav');
    await on.command(/uuid_record u1 stop/);
    on.event('RECORD_STOP', 'u1', { 'Record-File-Path': '/rec/a b.wav' });
    await stopping;
  });

  it('records somebody who talks with nobody in one channel', async () => {
    const starting = on.node.startRecording('u1', '/rec/a.wav', { mono: true });
    await on.command(/uuid_record u1 start/);
    expect(on.server.lines).toContain('api uuid_setvar u1 RECORD_STEREO false');
    on.event('RECORD_START', 'u1', { 'Record-File-Path': '/rec/a.wav' });
    await starting;
  });

  it('takes +OK for a recording that runs since before the connection', async () => {
    const starting = on.node.startRecording('u1', '/rec/a.wav');
    await on.command(/uuid_record u1 start/);
    await on.until(() => on.timers.pending.includes(2000));
    on.timers.advance(2000);
    await starting;
  });

  it('moves both legs into a room', async () => {
    const joining = on.node.conference('u1', 'room-1');
    await on.command(/uuid_transfer u1 -both 'conference:room-1@default' inline/);
    on.event('CUSTOM', 'u1', { 'Event-Subclass': 'conference::maintenance', Action: 'add-member' });
    await joining;
    await expect(on.node.conference('u1', `a' b`)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('order', () => {
  it('hands an event to the listener before the command it proves settles', async () => {
    const order: string[] = [];
    on.node.listen({ onEvent: (event) => order.push(event.name), onResync() {}, onState() {} });
    const ending = on.node.hangup('u1').then(() => order.push('settled'));
    await on.command(/uuid_kill/);
    on.event('CHANNEL_HANGUP', 'u1');
    await ending;
    expect(order).toEqual(['CHANNEL_HANGUP', 'settled']);
  });

  it('keeps a job back whose events wait for a resync', async () => {
    const result = on.node.originate({
      uuid: 'u9',
      endpoint: 'user/1@x',
      timeoutSec: 60,
      callerId: { number: '1' },
    });
    const command = await on.command(/^bgapi/);
    on.server.handle(({ line }, connection) => {
      if (!line.startsWith('api show channels')) return undefined;
      connection.event('CHANNEL_ANSWER', { 'Unique-ID': 'u9' });
      connection.job(String(command.headers['Job-UUID']), '+OK u9\n');
      return undefined;
    });
    await on.advance(30_000);
    const heard = result.then(() => on.story.slice(-3));
    expect(await heard).toEqual(['resync periodic', 'CHANNEL_ANSWER', 'BACKGROUND_JOB']);
  });
});
