import type { Context } from 'koa';
import { JackfieldError } from '../errors/index.ts';
import type { FileResponse } from './contract.ts';

export type ByteRange = { readonly start: number; readonly end: number };

/**
 * One range of RFC 9110, 14.1.2, `end` inclusive. Null when the whole file is to be sent: no header, another
 * unit, several ranges, or one that cannot be read. `unsatisfiable` when it lies beyond the file.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const suffix = Number(match[2]);
    if (suffix === 0 || size === 0) return 'unsatisfiable';
    return { start: Math.max(0, size - suffix), end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== '' && Number(match[2]) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
}

export function isFileResponse(value: unknown): value is FileResponse {
  return (
    typeof value === 'object' &&
    value !== null &&
    'file' in value &&
    typeof value.file === 'object' &&
    value.file !== null &&
    'open' in value.file &&
    typeof value.file.open === 'function'
  );
}

export async function sendFile(ctx: Context, { file }: FileResponse): Promise<void> {
  ctx.set('Accept-Ranges', 'bytes');
  ctx.set('Cache-Control', 'private, no-store');
  const range = parseRange(ctx.get('range') || undefined, file.size);
  if (range === 'unsatisfiable') {
    ctx.set('Content-Range', `bytes */${file.size}`);
    throw new JackfieldError('RANGE_NOT_SATISFIABLE');
  }
  if (file.name) ctx.attachment(file.name, { type: file.inline ? 'inline' : 'attachment' });
  else ctx.set('Content-Disposition', file.inline ? 'inline' : 'attachment');
  ctx.type = file.type;
  ctx.status = range ? 206 : 200;
  if (range) ctx.set('Content-Range', `bytes ${range.start}-${range.end}/${file.size}`);
  const length = range ? range.end - range.start + 1 : file.size;
  if (ctx.method !== 'HEAD') ctx.body = await file.open(range ?? undefined);
  // Koa drops both with a stream body whose length it does not know.
  ctx.type = file.type;
  ctx.length = length;
}
