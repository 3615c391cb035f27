import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePercent } from './percent.ts';
import { PlainEvent } from './plain-event.ts';
import { plainText } from './testing/scripted-switch.ts';

const event = (text: string | Buffer) => new PlainEvent(Buffer.from(text));

describe('PlainEvent', () => {
  it('decodes what is asked for', () => {
    const park = event(
      'Event-Name: CHANNEL_PARK\nUnique-ID: u1\nEvent-Date-Timestamp: 1795165640300193\n' +
        'Caller-Caller-ID-Name: %E5%BC%A0%E4%B8%89\nvariable_sip_h_X-Tenant: a%20b\nvariable_plus: 1+1%2B1\n\n',
    );
    expect(park.name).toBe('CHANNEL_PARK');
    expect(park.uuid).toBe('u1');
    expect(park.timestamp).toBe(1795165640300);
    expect(park.get('Caller-Caller-ID-Name')).toBe('张三');
    expect(park.variable('sip_h_X-Tenant')).toBe('a b');
    expect(park.variable('plus')).toBe('1+1+1');
    expect(park.get('Caller')).toBeNull();
    expect(park.body).toBeNull();
    expect(park.subclass).toBeNull();
  });

  it('finds the name wherever it stands', () => {
    const custom = event('Event-Subclass: sofia%3A%3Aregister\nEvent-Name: CUSTOM\n\n');
    expect([custom.name, custom.subclass]).toEqual(['CUSTOM', 'sofia::register']);
  });

  it.each([
    ['%zz', '%zz'],
    ['100%', '100%'],
    ['%4', '%4'],
    ['%zz+%2B', '%zz++'],
    ['%E5%', '\uFFFD%'],
    ['%E5%BC', '\uFFFD'],
    ['a%20%D5%C5%C8%FD%zz', 'a 张三%zz'],
    ['%FF%20%D5%C5', '\uFFFD \uFFFD\uFFFD'],
    ['%41%2', 'A%2'],
  ])('never throws: %s', (raw, decoded) => {
    expect(event(`Event-Name: X\nvalue: ${raw}\n\n`).get('value')).toBe(decoded);
  });

  it('reads a caller name in GBK, and keeps the rest', () => {
    const gbk = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]);
    const bytes = Buffer.concat([
      Buffer.from('Event-Name: X\nname: '),
      gbk,
      Buffer.from('%20ok\nafter: 1\n\n'),
    ]);
    const decoded = event(bytes);
    expect(decoded.get('name')).toBe('张三 ok');
    expect(decoded.get('after')).toBe('1');
  });

  it('reads raw UTF-8', () => {
    expect(event('Event-Name: X\nname: 张三\n\n').get('name')).toBe('张三');
  });

  it('gives the first of several values, and all', () => {
    const hangup = event('Hangup-Cause: USER_BUSY\nEvent-Name: X\nHangup-Cause: NORMAL_CLEARING\n\n');
    expect(hangup.get('Hangup-Cause')).toBe('USER_BUSY');
    expect(hangup.getAll('Hangup-Cause')).toEqual(['USER_BUSY', 'NORMAL_CLEARING']);
    expect(hangup.getAll('nothing')).toEqual([]);
  });

  it('reads an inner body in bytes, also when Content-Length stands twice', () => {
    const body = '张三\n\nFake: header\n\n';
    const length = Buffer.byteLength(body);
    const text = `Event-Name: X\nContent-Length: 3\nContent-Length: ${length}\n\n${body}`;
    expect(event(text).body).toBe(body);
    expect(event(text).get('Fake')).toBeNull();
    expect(event(text).toObject()).toEqual({ 'Event-Name': 'X', 'Content-Length': '3', _body: body });
  });

  it('leaves arrays as they are', () => {
    expect(event('Event-Name: X\nvariable_a: ARRAY::x|:y\n\n').variable('a')).toBe('ARRAY::x|:y');
  });

  it('is not misled by names of objects', () => {
    expect(event('Event-Name: X\n__proto__: a\nconstructor: b\n\n').get('constructor')).toBe('b');
  });

  it('returns any text that was encoded', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[A-Za-z][\w-]{0,20}$/), fc.string({ unit: 'binary' })),
        (values) => {
          const written = event(plainText({ 'Event-Name': 'X', ...values }));
          for (const [name, value] of Object.entries(values)) expect(written.get(name)).toBe(value);
        },
      ),
    );
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const any = event(Buffer.from(bytes));
        any.toObject();
        return typeof any.name === 'string' && any.getAll('a').length >= 0 && any.timestamp >= 0;
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => typeof decodePercent(text) === 'string'));
  });
});
