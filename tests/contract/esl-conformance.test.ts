import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FrameParser, headerOf } from '../../core/src/freeswitch/event-socket/frame-parser.ts';
import { PlainEvent } from '../../core/src/freeswitch/event-socket/plain-event.ts';
import {
  connectionsOf,
  readTrace,
  receivedBy,
  type TraceEntry,
} from '../../core/src/freeswitch/event-socket/testing/trace-file.ts';

const FIXTURES = new URL('../fixtures/esl/', import.meta.url);
const pathOf = (file: string): string => fileURLToPath(new URL(file, FIXTURES));
const files = readdirSync(fileURLToPath(FIXTURES)).filter((file) => file.endsWith('.txt'));

interface Seen {
  contentType: string;
  head: string;
  body: Buffer | null;
}

function parse(chunks: Iterable<Buffer>): { frames: Seen[]; remainder: Buffer } {
  const frames: Seen[] = [];
  const parser = new FrameParser(({ contentType, head, body }) => {
    frames.push({ contentType, head: head.toString('latin1'), body });
  });
  for (const chunk of chunks) parser.push(chunk);
  return { frames, remainder: parser.remainder };
}

/** A stream of numbers from 0 to below 1 that is the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function cut(stream: Buffer, size: () => number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; ) {
    const next = at + Math.max(1, size());
    chunks.push(Buffer.from(stream.subarray(at, next)));
    at = next;
  }
  return chunks;
}

const received = (entries: readonly TraceEntry[]) => entries.filter((entry) => entry.kind === 'received');

/** Digest of frames that is cheap to compare. */
const same = (frames: readonly Seen[]) =>
  frames.map(({ head, body }) => `${head}\n\n${body?.toString('latin1') ?? ''}`).join('\u0000');

describe.each(files)('trace %s of a real FreeSWITCH', (file) => {
  const entries = readTrace(pathOf(file));
  const streams = connectionsOf(entries).map((connection) => receivedBy(entries, connection));
  const whole = streams.map((stream) => parse([stream]));

  it('is read frame by frame, and each length agrees', () => {
    expect(received(entries).length).toBeGreaterThan(0);
    for (const { bytes } of received(entries)) {
      const { frames, remainder } = parse([bytes]);
      expect(frames).toHaveLength(1);
      expect(remainder).toHaveLength(0);
      const [frame] = frames;
      const length = headerOf(frame?.head ?? '', 'Content-Length');
      expect(frame?.body?.length ?? 0).toBe(Number(length ?? 0));
    }
    const frames = whole.reduce((sum, { frames: some }) => sum + some.length, 0);
    expect(frames).toBe(received(entries).length);
  });

  it('is the same in chunks of one byte', () => {
    streams.forEach((stream, i) => {
      const single = cut(stream, () => 1);
      expect(same(parse(single).frames)).toBe(same(whole[i]?.frames ?? []));
    });
  });

  it('is the same in chunks of any size', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const next = random(seed);
      const largest = 1 + Math.floor(next() * 9000);
      streams.forEach((stream, i) => {
        const chunks = cut(stream, () => Math.ceil(next() * largest));
        expect(same(parse(chunks).frames)).toBe(same(whole[i]?.frames ?? []));
      });
    }
  });

  it('gives events with a name, and every header decodes', () => {
    for (const { frames } of whole) {
      for (const { contentType, body } of frames) {
        if (contentType !== 'text/event-plain' || !body) continue;
        const event = new PlainEvent(body);
        const all = event.toObject();
        expect(event.name).toMatch(/^[A-Z_]+$/);
        expect(event.timestamp).toBeGreaterThan(1.7e12);
        for (const [name, value] of Object.entries(all)) {
          if (name !== '_body') expect(event.get(name)).toBe(value);
        }
        const inner = event.getAll('Content-Length').at(-1);
        expect(event.bodyBytes?.length ?? 0).toBe(Number(inner ?? 0));
      }
    }
  });
});

describe('the smallest traces, cut at every byte', () => {
  const smallest = [...files].sort((a, b) => statSync(pathOf(a)).size - statSync(pathOf(b)).size).slice(0, 2);

  it.each(smallest)('%s is the same cut in two anywhere', (file) => {
    const entries = readTrace(pathOf(file));
    for (const connection of connectionsOf(entries)) {
      const stream = receivedBy(entries, connection);
      const expected = same(parse([stream]).frames);
      for (let at = 1; at < stream.length; at++) {
        const { frames } = parse([stream.subarray(0, at), stream.subarray(at)]);
        if (same(frames) !== expected) throw new Error(`differs when cut at byte ${at}`);
      }
    }
  });
});

describe('what the traces hold and adapters get wrong', () => {
  const events = (file: string) =>
    received(readTrace(pathOf(file))).flatMap(({ bytes }) =>
      parse([bytes]).frames.flatMap(({ contentType, body }) =>
        contentType === 'text/event-plain' && body ? [new PlainEvent(body)] : [],
      ),
    );
  const file = (number: string): string => files.find((name) => name.startsWith(number)) ?? '';

  it('decodes a UTF-8 text with every kind of quote, from a sendevent with a body', () => {
    const custom = events(file('01')).find((event) => event.get('cc-key') === '7' && event.body !== null);
    expect(custom?.get('cc-text')).toBe(`a b%c 张三 'q' "x" a=b&c`);
    expect(custom?.subclass).toBe('cc::test');
    expect(Buffer.byteLength(custom?.body ?? '')).toBe(25);
    expect(custom?.getAll('Content-Length')).toHaveLength(2);
  });

  it('finds the name of an event that does not begin with it', () => {
    const command = events(file('02')).find((event) => event.name === 'PRIVATE_COMMAND');
    expect(command?.get('call-command')).toBe('execute');
  });

  it('keeps both values of a header that stands twice', () => {
    const ended = events(file('02')).find((event) => event.name === 'CHANNEL_HANGUP_COMPLETE');
    expect(ended?.getAll('Hangup-Cause').length).toBe(2);
  });

  it('reads the result of a job from the inner body', () => {
    const job = events(file('01')).find((event) => event.get('Job-UUID') === 'my-own-job-id-1');
    expect(job?.name).toBe('BACKGROUND_JOB');
    expect(job?.body).toMatch(/^UP 0 years/);
  });

  it('reads uuid_dump as an event', () => {
    const dump = received(readTrace(pathOf(file('14'))))
      .flatMap(({ bytes }) => parse([bytes]).frames)
      .find(({ contentType, body }) => contentType === 'api/response' && body?.includes('CHANNEL_DATA\n'));
    const channel = new PlainEvent(dump?.body ?? Buffer.alloc(0));
    expect(channel.name).toBe('CHANNEL_DATA');
    expect(channel.variable('cc_call_id')).toBe('C-1');
    expect(channel.variable('bridge_uuid')).toBe('f1000000-0000-4000-8000-000000000001');
    expect(channel.variable('switch_r_sdp')).toContain('\r\n');
    expect(channel.variable('DP_MATCH')).toMatch(/^ARRAY::/);
  });

  it('reads the answers to `connect`, each an encoded head and nothing else', () => {
    const answers = received(readTrace(pathOf(file('10'))))
      .flatMap(({ bytes }) => parse([bytes]).frames)
      .filter(({ head }) => head.startsWith('Event-Name: CHANNEL_DATA'));
    expect(answers.map(({ contentType, body }) => [contentType, body])).toEqual(
      answers.map(() => ['command/reply', null]),
    );
    const channels = answers.map(({ head }) => new PlainEvent(Buffer.from(`${head}\n\n`)));
    expect(channels.map((channel) => `${channel.get('Socket-Mode')} ${channel.get('Control')}`)).toEqual([
      'async full',
      'async full',
      'async full',
      'async full',
      'static full',
      'static single-channel',
      'async full',
    ]);
    expect(channels[0]?.get('Reply-Text')).toBe('+OK\n');
    expect(channels[0]?.variable('socket_host')).toBe('127.0.0.1');
  });

  it('reads a notice to linger, and the one of the end', () => {
    const notices = received(readTrace(pathOf(file('10'))))
      .flatMap(({ bytes }) => parse([bytes]).frames)
      .filter(({ contentType }) => contentType === 'text/disconnect-notice');
    expect(notices.slice(0, 2).map(({ head }) => headerOf(head, 'Content-Disposition'))).toEqual([
      'linger',
      'disconnect',
    ]);
    expect(notices[0]?.body?.length ?? 0).toBe(0);
    expect(notices[1]?.body?.toString()).toContain('Disconnected, goodbye.');
  });
});
