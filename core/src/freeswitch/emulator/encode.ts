/** How FreeSWITCH writes events on the wire. See tests/fixtures/esl/README.md, section 1. */
import { arrayItems, type EventMessage, type Header } from './event-message.ts';

export type EventFormat = 'plain' | 'json' | 'xml';

/** Not encodeURIComponent: this leaves `, ( ) ' * ! / $ ~` and encodes everything that is not ASCII. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSAFE = /[\u0000-\u0020"#%&+:;<=>?@[\\\]^`{|}\u007f-\uffff]/;
const HEX = '0123456789ABCDEF';
const unsafeByte = new Uint8Array(256).map((_, byte) =>
  byte < 0x21 || byte > 0x7e || '"#%&+:;<=>?@[\\]^`{|}'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

export function percentEncode(value: string): string {
  if (!UNSAFE.test(value)) return value;
  let encoded = '';
  for (const byte of Buffer.from(value, 'utf8')) {
    encoded += unsafeByte[byte] === 1 ? `%${HEX[byte >> 4]}${HEX[byte & 15]}` : String.fromCharCode(byte);
  }
  return encoded;
}

/** The second header block of `text/event-plain`, with its closing blank line, and the body if there is one. */
export function plainBlock(event: EventMessage): string {
  let text = '';
  for (const [name, value] of event.headers) text += `${name}: ${percentEncode(value)}\n`;
  if (event.body === null) return `${text}\n`;
  return `${text}Content-Length: ${Buffer.byteLength(event.body)}\n\n${event.body}`;
}

/** One object, all values strings and decoded, duplicate keys kept: which JSON.stringify cannot write. */
export function jsonBlock(event: EventMessage): string {
  const members = event.headers.map(([name, value]) => {
    const items = arrayItems(value);
    return `${JSON.stringify(name)}:${JSON.stringify(items ?? value)}`;
  });
  if (event.body !== null) {
    members.push(
      `"Content-Length":"${Buffer.byteLength(event.body)}"`,
      `"_body":${JSON.stringify(event.body)}`,
    );
  }
  return `{${members.join(',')}}`;
}

export function xmlBlock(event: EventMessage): string {
  const lines = event.headers.map(([name, value]) => `    <${name}>${percentEncode(value)}</${name}>\n`);
  const body =
    event.body === null
      ? ''
      : `  <Content-Length>${Buffer.byteLength(event.body)}</Content-Length>\n  <body>${xmlText(event.body)}</body>\n`;
  return `<event>\n  <headers>\n${lines.join('')}  </headers>\n${body}</event>`;
}

export function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (c) => XML_ENTITIES[c] ?? c);
}

const XML_ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** The whole frame: outer block with the length in bytes, then the event. */
export function eventFrame(event: EventMessage, format: EventFormat): Buffer {
  const known = event.frames.get(format);
  if (known) return known;
  const block = format === 'json' ? jsonBlock(event) : format === 'xml' ? xmlBlock(event) : plainBlock(event);
  const body = Buffer.from(block, 'utf8');
  const head = `Content-Length: ${body.length}\nContent-Type: text/event-${format}\n\n`;
  const frame = Buffer.concat([Buffer.from(head), body]);
  event.frames.set(format, frame);
  return frame;
}

export function replyFrame(text: string, headers: readonly Header[] = []): string {
  return `Content-Type: command/reply\nReply-Text: ${text}\n${lines(headers)}\n`;
}

export function apiFrame(body: string): string {
  return `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;
}

/** @param headers what stands between the type and the length */
export function disconnectFrame(text: string, headers: readonly Header[] = []): string {
  return `Content-Type: text/disconnect-notice\n${lines(headers)}Content-Length: ${Buffer.byteLength(text)}\n\n${text}`;
}

/** Headers of the outer block, which are not encoded. */
function lines(headers: readonly Header[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\n`).join('');
}
