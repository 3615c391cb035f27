/** One header of an event. Several headers may have the same name (`Hangup-Cause` in CHANNEL_HANGUP_COMPLETE). */
export type Header = readonly [name: string, value: string];

/** FreeSWITCH writes a variable with several values as `ARRAY::a|:b`, and as a JSON array in json. */
const ARRAY_PREFIX = 'ARRAY::';
const ARRAY_SEPARATOR = '|:';

export function arrayValue(values: readonly string[]): string {
  const only = values[0];
  return values.length === 1 && only !== undefined ? only : ARRAY_PREFIX + values.join(ARRAY_SEPARATOR);
}

export function arrayItems(value: string): readonly string[] | null {
  return value.startsWith(ARRAY_PREFIX) ? value.slice(ARRAY_PREFIX.length).split(ARRAY_SEPARATOR) : null;
}

/** An event on its way to the listeners: headers in the order in which they are written, and perhaps a body. */
export class EventMessage {
  readonly name: string;
  readonly subclass: string | null;
  readonly headers: Header[] = [];
  body: string | null = null;
  /** Serialised once per format, however many connections listen. */
  readonly frames = new Map<string, Buffer>();

  constructor(name: string, subclass: string | null = null) {
    this.name = name;
    this.subclass = subclass;
  }

  add(name: string, value: string | number): this {
    this.headers.push([name, String(value)]);
    return this;
  }

  /** First value of a header; names are compared without regard to case. */
  get(name: string): string | null {
    const wanted = name.toLowerCase();
    for (const [key, value] of this.headers) if (key.toLowerCase() === wanted) return value;
    return null;
  }
}
