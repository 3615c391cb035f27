import { readFileSync } from 'node:fs';

/** One piece of a trace in tests/fixtures/esl; its README describes the format. */
export type TraceEntry =
  | { readonly kind: 'received'; readonly connection: string; readonly name: string; readonly bytes: Buffer }
  | { readonly kind: 'sent'; readonly connection: string; readonly text: string }
  | { readonly kind: 'note'; readonly text: string };

const RECEIVED = /^### t=\S+ conn=(\w+) received (\d+) bytes ?(.*)$/;
const SENT = /^### t=\S+ conn=(\w+) sent/;

/** Reads a trace: notes, the commands that were sent and the bytes that were received, in order. */
export function readTrace(path: string): TraceEntry[] {
  const file = readFileSync(path);
  const entries: TraceEntry[] = [];
  let at = 0;
  let sender = '';
  while (at < file.length) {
    const newline = file.indexOf(0x0a, at);
    const end = newline < 0 ? file.length : newline;
    const line = file.toString('utf8', at, end);
    at = end + 1;
    const received = RECEIVED.exec(line);
    if (received) {
      const [, connection = '', count, name = ''] = received;
      const bytes = file.subarray(at, at + Number(count));
      entries.push({ kind: 'received', connection, name, bytes });
      at += bytes.length + 1; // one newline that was not on the wire
    } else if (line.startsWith('>>> ')) {
      const last = entries.at(-1);
      if (last?.kind === 'sent' && sender === '') {
        entries[entries.length - 1] = { ...last, text: `${last.text}\n${line.slice(4)}` };
      } else {
        entries.push({ kind: 'sent', connection: sender, text: line.slice(4) });
        sender = '';
      }
    } else if (line.startsWith('### ')) {
      sender = SENT.exec(line)?.[1] ?? '';
      entries.push({ kind: 'note', text: line.slice(4) });
    }
  }
  return entries;
}

/** What one connection of a trace received, as one stream. */
export function receivedBy(entries: readonly TraceEntry[], connection: string): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) =>
      entry.kind === 'received' && entry.connection === connection ? [entry.bytes] : [],
    ),
  );
}

/** The connections of a trace, in order of appearance. */
export function connectionsOf(entries: readonly TraceEntry[]): string[] {
  return [...new Set(entries.flatMap((entry) => (entry.kind === 'received' ? [entry.connection] : [])))];
}
