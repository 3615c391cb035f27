import { type Readable, Transform } from 'node:stream';
import { bodyParser } from '@koa/bodyparser';
import type { Context } from 'koa';
import { JackfieldError } from '../errors/index.ts';

/** Reads JSON bodies. BAD_REQUEST, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE. */
export function createJsonReader(limitBytes: number): (ctx: Context) => Promise<unknown> {
  const parse = bodyParser({
    enableTypes: ['json'],
    jsonLimit: limitBytes,
    parsedMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  });
  return async (ctx) => {
    const hasBody = (ctx.request.length ?? 0) > 0 || ctx.get('transfer-encoding') !== '';
    if (!hasBody) return {};
    if (!ctx.is('json', '+json'))
      throw new JackfieldError('UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON.');
    try {
      await parse(ctx as Parameters<typeof parse>[0], async () => {});
    } catch (error) {
      // What is left of the body is not read, so the connection cannot be used again.
      ctx.set('Connection', 'close');
      throw new JackfieldError(codeOf(error), undefined, { cause: error });
    }
    return ctx.request.body;
  };
}

function codeOf(error: unknown): 'BAD_REQUEST' | 'PAYLOAD_TOO_LARGE' | 'UNSUPPORTED_MEDIA_TYPE' {
  const status = error instanceof Error && 'status' in error ? error.status : 400;
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  return status === 415 ? 'UNSUPPORTED_MEDIA_TYPE' : 'BAD_REQUEST';
}

/** The body as a stream that fails once it is longer than it may be. */
export function openUpload(
  ctx: Context,
  limits: { readonly maxBytes: number; readonly types: readonly string[] },
): { stream: Readable; type: string; size: number | null } {
  const size = ctx.request.length ?? null;
  if (!ctx.is(...limits.types)) {
    throw new JackfieldError('UNSUPPORTED_MEDIA_TYPE', undefined, { details: { accepted: limits.types } });
  }
  if (size !== null && size > limits.maxBytes) {
    ctx.set('Connection', 'close');
    throw new JackfieldError('PAYLOAD_TOO_LARGE', undefined, { details: { maxBytes: limits.maxBytes } });
  }
  let seen = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen <= limits.maxBytes) return done(null, chunk);
      ctx.set('Connection', 'close');
      done(new JackfieldError('PAYLOAD_TOO_LARGE', undefined, { details: { maxBytes: limits.maxBytes } }));
    },
  });
  ctx.req.on('error', (error) => stream.destroy(error));
  ctx.req.on('close', () => {
    if (!ctx.req.complete) stream.destroy(new JackfieldError('BAD_REQUEST', 'The upload was cut off.'));
  });
  ctx.req.pipe(stream);
  return { stream, type: ctx.request.type, size };
}
