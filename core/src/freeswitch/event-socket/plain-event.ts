import { decodePercent } from './percent.ts';
import type { SwitchEvent } from './switch-event.ts';

/** `\nName: `, made once per header name instead of once per look-up. Names are few: the source text has them. */
const needles = new Map<string, string>();

/**
 * An event in `plain` format (the body of a text/event-plain frame) or the text of `uuid_dump`, which is the same.
 *
 * Nothing is parsed beforehand: a header is found by searching the text, which the engine does at memory speed,
 * and only its own value is percent-decoded. Names are compared as FreeSWITCH writes them.
 */
export class PlainEvent implements SwitchEvent {
  private readonly bytes: Buffer;
  private readonly text: string;
  private headerEnd = -1;
  private knownName: string | undefined;
  private knownUuid: string | null | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    // latin1 keeps one character per byte, so positions in the text are positions in the bytes
    this.text = bytes.toString('latin1');
  }

  get name(): string {
    this.knownName ??= this.get('Event-Name') ?? '';
    return this.knownName;
  }

  get subclass(): string | null {
    return this.get('Event-Subclass');
  }

  get uuid(): string | null {
    if (this.knownUuid === undefined) this.knownUuid = this.get('Unique-ID');
    return this.knownUuid;
  }

  get timestamp(): number {
    const microseconds = Number(this.get('Event-Date-Timestamp'));
    return Number.isFinite(microseconds) ? Math.floor(microseconds / 1000) : 0;
  }

  get(header: string): string | null {
    const needle = needleOf(header);
    const at = this.find(needle, 0);
    return at < 0 ? null : this.valueAt(at);
  }

  variable(name: string): string | null {
    return this.get(`variable_${name}`);
  }

  getAll(header: string): readonly string[] {
    const needle = needleOf(header);
    const values: string[] = [];
    for (let at = this.find(needle, 0); at >= 0; at = this.find(needle, at)) values.push(this.valueAt(at));
    return values;
  }

  get body(): string | null {
    const bytes = this.bodyBytes;
    return bytes === null ? null : bytes.toString('utf8');
  }

  /** The body as received; never encoded. Null if there is none. */
  get bodyBytes(): Buffer | null {
    const end = this.headersEnd();
    const from = end + 2;
    if (from >= this.bytes.length) return null;
    // `sendevent` with a body leaves the sender's Content-Length before FreeSWITCH's own: the last one counts
    const length = Number(this.getAll('Content-Length').at(-1));
    return this.bytes.subarray(from, Number.isInteger(length) ? from + length : undefined);
  }

  toObject(): Record<string, string> {
    const all: Record<string, string> = Object.create(null);
    for (const line of this.text.slice(0, this.headersEnd()).split('\n')) {
      const colon = line.indexOf(': ');
      if (colon <= 0) continue;
      const name = line.slice(0, colon);
      if (!(name in all)) all[name] = decodePercent(line.slice(colon + 2));
    }
    const { body } = this;
    if (body !== null) all._body = body;
    return { ...all };
  }

  /** Position of the value of the next such header behind `from`; -1 if there is none. */
  private find(needle: string, from: number): number {
    const first = from === 0 && this.text.startsWith(needle.slice(1));
    const at = first ? -1 : this.text.indexOf(needle, from);
    if (at < 0 && !first) return -1;
    return at < this.headersEnd() ? at + needle.length : -1;
  }

  private valueAt(at: number): string {
    const newline = this.text.indexOf('\n', at);
    const end = newline < 0 ? this.text.length : newline;
    // a string of its own, not a slice that keeps the whole event in memory for as long as the value lives
    return decodePercent(this.bytes.toString('latin1', at, end));
  }

  /** Where the blank line before the body is; the end of the text if there is no body. */
  private headersEnd(): number {
    if (this.headerEnd < 0) {
      // an event without Content-Length has no body, and searching one long word is cheaper than each line end
      const mayHaveBody = this.text.includes('Content-Length: ');
      const blank = mayHaveBody ? this.text.indexOf('\n\n') : -1;
      this.headerEnd = blank < 0 ? this.text.length : blank;
    }
    return this.headerEnd;
  }
}

function needleOf(header: string): string {
  let needle = needles.get(header);
  if (needle === undefined) {
    needle = `\n${header}: `;
    if (needles.size < 2000) needles.set(header, needle);
  }
  return needle;
}
