import { describe, expect, test } from 'vitest';
import { eventFrame, jsonBlock, percentEncode, plainBlock } from './encode.ts';
import { EventMessage } from './event-message.ts';

describe('the percent encoder', () => {
  test('leaves , ( ) quotes * ! / $ ~ and encodes the rest, byte by byte', () => {
    expect(percentEncode(`a,b(c)'d'*!/$~-_.`)).toBe(`a,b(c)'d'*!/$~-_.`);
    expect(percentEncode(' :;&=%<>"@+#?[]\\^`{|}')).toBe(
      '%20%3A%3B%26%3D%25%3C%3E%22%40%2B%23%3F%5B%5D%5C%5E%60%7B%7C%7D',
    );
    expect(percentEncode('张\r\n')).toBe('%E5%BC%A0%0D%0A');
  });

  test('is undone by decodeURIComponent', () => {
    const text = String.fromCharCode(...Array.from({ length: 127 }, (_, i) => i + 1), 0x20ac, 0x5f20);
    expect(decodeURIComponent(percentEncode(text))).toBe(text);
  });
});

describe('an event', () => {
  const event = new EventMessage('CUSTOM', 'x::y');
  event.add('Event-Name', 'CUSTOM').add('a', 'ARRAY::1|:2').add('twice', '1').add('twice', '2');
  event.body = 'zwei\nZeilen 中\n';

  test('in plain has an inner length in bytes and the body as it is', () => {
    expect(plainBlock(event)).toBe(
      'Event-Name: CUSTOM\na: ARRAY%3A%3A1%7C%3A2\ntwice: 1\ntwice: 2\nContent-Length: 16\n\nzwei\nZeilen 中\n',
    );
  });

  test('in json has arrays, and keys twice', () => {
    expect(jsonBlock(event)).toBe(
      '{"Event-Name":"CUSTOM","a":["1","2"],"twice":"1","twice":"2","Content-Length":"16","_body":"zwei\\nZeilen 中\\n"}',
    );
  });

  test('is serialised once', () => {
    expect(eventFrame(event, 'plain')).toBe(eventFrame(event, 'plain'));
    expect(eventFrame(event, 'json').toString()).toMatch(
      /^Content-Length: \d+\nContent-Type: text\/event-json\n\n\{/,
    );
  });
});
