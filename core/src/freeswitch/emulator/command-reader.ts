/** Cuts what a client sends into commands: a block of lines, a blank line, and a body if it says so. */
export interface ClientCommand {
  /** First line, as sent. */
  readonly line: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
}

const MAX_BYTES = 10 * 1024 * 1024;

export class CommandReader {
  #buffer: Buffer = Buffer.alloc(0);

  /** @returns the commands that are complete; null when the client sends without end */
  push(chunk: Buffer): ClientCommand[] | null {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const commands: ClientCommand[] = [];
    for (let command = this.#next(); command; command = this.#next()) commands.push(command);
    return this.#buffer.length > MAX_BYTES ? null : commands;
  }

  #next(): ClientCommand | null {
    let start = 0;
    // blank lines between commands mean nothing
    while (this.#buffer[start] === 0x0a || this.#buffer[start] === 0x0d) start++;
    const end = blankLine(this.#buffer, start);
    if (!end) {
      if (start > 0) this.#buffer = this.#buffer.subarray(start);
      return null;
    }
    const lines = this.#buffer.toString('utf8', start, end.head).split(/\r?\n/);
    const [line = '', ...rest] = lines;
    const headers = rest.map(splitHeader);
    const length = Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0) || 0;
    if (this.#buffer.length < end.body + length) return null;
    const body = length > 0 ? this.#buffer.toString('utf8', end.body, end.body + length) : null;
    this.#buffer = this.#buffer.subarray(end.body + length);
    return { line, headers, body };
  }
}

function blankLine(buffer: Buffer, from: number): { head: number; body: number } | null {
  for (let at = buffer.indexOf(0x0a, from); at >= 0; at = buffer.indexOf(0x0a, at + 1)) {
    const next = buffer[at + 1];
    if (next === 0x0a) return { head: at, body: at + 2 };
    if (next === 0x0d && buffer[at + 2] === 0x0a) return { head: at, body: at + 3 };
    if (next === undefined) return null;
  }
  return null;
}

function splitHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return colon < 0
    ? [line.trim(), '']
    : [line.slice(0, colon).trim(), line.slice(colon + 1).replace(/^ /, '')];
}
