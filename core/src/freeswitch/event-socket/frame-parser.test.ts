import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameError, FrameParser } from './frame-parser.ts';
import { frameOf, plainFrame } from './testing/scripted-switch.ts';

interface Seen {
  contentType: string;
  head: string;
  body: string | null;
}

function parse(chunks: Iterable<Buffer>, options = {}): Seen[] {
  const seen: Seen[] = [];
  const parser = new FrameParser((frame) => {
    seen.push({
      contentType: frame.contentType,
      head: frame.head.toString('latin1'),
      body: frame.body?.toString('latin1') ?? null,
    });
  }, options);
  for (const chunk of chunks) parser.push(chunk);
  return seen;
}

function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(Buffer.from(stream.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

const sample = Buffer.concat([
  Buffer.from('Content-Type: auth/request\n\n'),
  Buffer.from('Content-Type: command/reply\nReply-Text: +OK accepted\n\n'),
  plainFrame({ 'Event-Name': 'CHANNEL_PARK', 'Caller-Caller-ID-Name': '张三' }),
  plainFrame({ 'Event-Name': 'BACKGROUND_JOB' }, 'a body\n\nwith blank lines\n\n\n'),
  frameOf('api/response', Buffer.from('张三: bytes, not characters\n')),
  Buffer.from('Content-Type: text/disconnect-notice\nContent-Length: 0\n\n'),
]);

describe('FrameParser', () => {
  it('reads the same frames however the stream is cut in two', () => {
    const whole = parse([sample]);
    expect(whole.map((frame) => frame.contentType)).toEqual([
      'auth/request',
      'command/reply',
      'text/event-plain',
      'text/event-plain',
      'api/response',
      'text/disconnect-notice',
    ]);
    for (let at = 0; at <= sample.length; at++) {
      expect(parse([sample.subarray(0, at), sample.subarray(at)])).toEqual(whole);
    }
  });

  it('reads the same frames for any sizes of chunks', () => {
    const whole = parse([sample]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        expect(parse(cut(sample, sizes))).toEqual(whole);
      }),
    );
  });

  it('does not change a frame it has handed out when more comes', () => {
    const bodies: Buffer[] = [];
    const parser = new FrameParser((frame) => frame.body && bodies.push(frame.body));
    for (const chunk of cut(Buffer.concat([sample, sample]), [7])) parser.push(chunk);
    const expected = parse([sample]).flatMap((frame) => frame.body ?? []);
    expect(bodies.map((body) => body.toString('latin1'))).toEqual([...expected, ...expected]);
  });

  it('reads 10,000 events in one segment', () => {
    const one = plainFrame({ 'Event-Name': 'HEARTBEAT' });
    expect(parse([Buffer.concat(Array.from({ length: 10_000 }, () => one))])).toHaveLength(10_000);
  });

  it('reads a large frame in small chunks in time linear in its size', () => {
    const copied: number[] = [];
    for (const size of [1_000_000, 4_000_000]) {
      const stream = frameOf('api/response', Buffer.alloc(size, 'x'));
      let chunks = 0;
      const allocate = Buffer.allocUnsafe;
      let bytes = 0;
      Buffer.allocUnsafe = (length: number) => {
        bytes += length;
        return allocate(length);
      };
      try {
        const parser = new FrameParser(() => {});
        for (const chunk of cut(stream, [100])) {
          parser.push(chunk);
          chunks++;
        }
      } finally {
        Buffer.allocUnsafe = allocate;
      }
      expect(chunks).toBeGreaterThan(size / 101);
      copied.push(bytes / size);
    }
    // what is allocated stays a small multiple of the frame, however many chunks it came in
    for (const ratio of copied) expect(ratio).toBeLessThan(3);
  });

  it('refuses a header block without end', () => {
    expect(() => parse([Buffer.alloc(70_000, 'x')])).toThrow(FrameError);
    expect(() => parse(cut(Buffer.alloc(70_000, 'x'), [50]))).toThrow(
      'header block of more than 65536 bytes',
    );
  });

  it('refuses a body that is too long before it comes', () => {
    const stream = Buffer.from('Content-Type: api/response\nContent-Length: 101\n\n');
    expect(() => parse([stream], { maxBodyBytes: 100 })).toThrow('body of 101 bytes, more than 100');
  });

  it.each(['-5', 'abc', '1e3', ''])('refuses the Content-Length %j', (length) => {
    expect(() => parse([Buffer.from(`Content-Length: ${length}\n\n`)])).toThrow(
      'a Content-Length that is not a number',
    );
  });

  it('stays refused: what follows a broken frame cannot be trusted', () => {
    const parser = new FrameParser(() => {});
    expect(() => parser.push(Buffer.from('Content-Length: x\n\n'))).toThrow(FrameError);
    expect(() => parser.push(sample)).toThrow(FrameError);
  });

  it('keeps what was said in the middle of a frame', () => {
    const parser = new FrameParser(() => {});
    const frame = plainFrame({ 'Event-Name': 'CHANNEL_PARK', variable_long: 'x'.repeat(200) });
    parser.push(
      Buffer.concat([frame, frame.subarray(0, 60), Buffer.from('killed listener because of lost events\n')]),
    );
    expect(parser.remainder.toString()).toContain('killed listener');
  });
});
