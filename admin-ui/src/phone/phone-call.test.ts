import { describe, expect, it } from 'vitest';
import { soundsOf } from './captions.ts';
import { endingOf, hear, newCall, type PhoneEvent } from './phone-call.ts';

type Told = PhoneEvent extends infer E ? (E extends PhoneEvent ? Omit<E, 'seq' | 'at'> : never) : never;
const after = (...told: readonly Told[]) =>
  told.map((event, i) => ({ ...event, seq: i + 1, at: 1_000 * (i + 1) }) as PhoneEvent).reduce(hear, newCall);

describe('a call as the customer notices it', () => {
  it('is connected by the answer, and counts its time from there', () => {
    const call = after({ type: 'ringing' }, { type: 'answered' }, { type: 'hears', path: '/welcome.wav' });
    expect(call).toMatchObject({ phase: 'connected', answeredAt: 2_000, hearing: true });
    expect(call.heard.map(({ path }) => path)).toEqual(['/welcome.wav']);
  });

  it('is on hold while music plays after the talk, between the rounds of it too, and talks again after it', () => {
    const talk = [{ type: 'answered' }, { type: 'talking' }, { type: 'talk-ended' }] as const;
    const music = {
      type: 'hears',
      path: 'tone_stream://v=-18;%(600,200,523);%(600,200,659);%(600,200,784)',
    } as const;
    expect(after(...talk, music).phase).toBe('held');
    expect(after(...talk, music, { type: 'silence' }, music).phase).toBe('held');
    expect(after(...talk, music, { type: 'silence' }, { type: 'talking' }).phase).toBe('talking');
  });

  it('is not on hold while it waits for the first agent, or hears words after the talk', () => {
    expect(after({ type: 'answered' }, { type: 'hears', path: 'local_stream://moh' }).phase).toBe(
      'connected',
    );
    const rated = after({ type: 'talking' }, { type: 'talk-ended' }, { type: 'hears', path: '/thanks.wav' });
    expect(rated.phase).toBe('connected');
  });

  it('goes on in the system when the talk is over', () => {
    expect(after({ type: 'answered' }, { type: 'talking' }, { type: 'talk-ended' }).phase).toBe('connected');
  });

  it('takes each event once, and none after the end', () => {
    const call = after({ type: 'answered' }, { type: 'ended', cause: 'NORMAL_CLEARING' });
    expect(hear(call, { seq: 2, at: 9, type: 'ended', cause: 'USER_BUSY' })).toBe(call);
    expect(hear(call, { seq: 3, at: 9, type: 'answered' })).toBe(call);
  });

  it('says in plain words why it ended', () => {
    const ended = (cause: string, ...before: readonly Told[]) => after(...before, { type: 'ended', cause });
    expect(endingOf(ended('NORMAL_CLEARING'), true)).toBe('here');
    expect(endingOf(ended('NORMAL_CLEARING', { type: 'talking' }), false)).toBe('otherSide');
    expect(endingOf(ended('NORMAL_CLEARING', { type: 'answered' }), false)).toBe('system');
    expect(endingOf(ended('UNALLOCATED_NUMBER'), false)).toBe('unknownNumber');
    expect(endingOf(ended('SOMETHING_NEW'), false)).toBe('failed');
  });
});

describe('what is heard', () => {
  it('finds the files of a list, with the signs of the switch taken off', () => {
    expect(
      soundsOf(String.raw`{timeout=900}file_string:///a b.wav!it\'s\!.wav!silence_stream://200`),
    ).toEqual([
      { kind: 'file', path: '/a b.wav' },
      { kind: 'file', path: "it's!.wav" },
    ]);
  });

  it('tells music and tones from words, and silence from both', () => {
    expect(soundsOf('local_stream://moh')).toEqual([{ kind: 'music' }]);
    expect(soundsOf('tone_stream://%(1000,4000,450);loops=-1')).toEqual([{ kind: 'tone' }]);
    expect(soundsOf('silence_stream://-1')).toEqual([]);
  });
});
