import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { JackfieldError } from '../../core/src/errors/index.ts';
import { scope } from '../../core/src/tenants/scope.ts';
import { json, startServer, type TestServer } from './http-fixture.ts';

const song = Buffer.from('0123456789');
const reader = { tenantId: 't1', permissions: ['toy:read', 'toy:write'] };
let now = 1_700_000_000_000;
let broken: Error | null = null;
let server: TestServer;

beforeEach(async () => {
  broken = null;
  server = await startServer({
    now: () => now,
    people: {
      ann: reader,
      bao: { ...reader, locale: 'zh-CN' },
      cara: { tenantId: 't2', permissions: reader.permissions },
      olga: { tenantId: null, permissions: reader.permissions },
    },
    inactive: ['t2/toy'],
    guard: () => {
      if (broken) throw broken;
    },
    routes(routes) {
      const note = z.object({ title: z.string().min(3), copies: z.int().max(5).default(1) });
      routes.post('/notes', { body: note, response: note, status: 201 }, ({ body }) => ({
        ...body,
        secret: 'x',
      }));
      routes.get(
        '/notes/:id',
        { params: z.object({ id: z.string() }), response: z.string() },
        ({ params }) => params.id,
      );
      routes.get('/notes/latest', { response: z.string() }, () => 'the latest');
      routes.delete('/notes/:id', {}, () => {});
      routes.get(
        '/search',
        { query: z.object({ q: z.string() }), response: z.string() },
        ({ query }) => query.q,
      );
      routes.get('/standing', { response: z.unknown() }, ({ user }) => {
        const { tenantId, actor, requestId, locale } = scope.current() ?? {};
        return { tenantId, kind: actor?.kind, requestId, locale, name: user?.name };
      });
      routes.get('/hello', { public: true, response: z.string() }, ({ user }) => user?.name ?? 'nobody');
      routes.get('/lies', { response: z.object({ n: z.number() }) }, () => ({ n: 'seven' }) as never);
      routes.get('/throws', {}, () => {
        throw new Error('the database password is hunter2');
      });
      routes.get('/refuses', {}, () => {
        throw new JackfieldError('CONFLICT', 'The queue still has calls.', { details: { waiting: 3 } });
      });
      routes.get('/often', { rateLimit: 2, response: z.string() }, () => 'ok');
      routes.get('/song', { permission: 'toy:read' }, () => ({
        file: {
          type: 'audio/wav',
          size: song.length,
          name: '录音.wav',
          open: (range) => Readable.from([range ? song.subarray(range.start, range.end + 1) : song]),
        },
      }));
      routes.put(
        '/song',
        {
          upload: { maxBytes: 20, types: ['audio/*'] },
          response: z.object({ text: z.string(), type: z.string() }),
        },
        async ({ upload }) => ({ text: upload ? await text(upload.stream) : '', type: upload?.type ?? '' }),
      );
    },
  });
});
afterEach(() => server.close());

async function problem(response: Response) {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  return (await response.json()) as Record<string, unknown> & { code: string };
}

describe('input', () => {
  it('gives the handler parsed values with defaults, and answers with the declared status', async () => {
    const response = await server.request('/api/toy/notes', { as: 'ann', ...json({ title: 'hello' }) });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ title: 'hello', copies: 1 });
  });

  it('names each wrong value, in the language of the user', async () => {
    const wrong = json({ title: 'x', copies: 9 });
    const english = await problem(await server.request('/api/toy/notes', { as: 'ann', ...wrong }));
    expect(english).toMatchObject({
      code: 'VALIDATION_FAILED',
      status: 422,
      title: 'Some values are not valid.',
    });
    expect(english.errors).toEqual([
      { path: 'body.title', message: 'At least 3 characters.' },
      { path: 'body.copies', message: 'Not more than 5.' },
    ]);
    const chinese = await problem(await server.request('/api/toy/notes', { as: 'bao', ...wrong }));
    expect(chinese.title).toBe('部分内容填写有误。');
    expect(chinese.errors).toEqual([
      { path: 'body.title', message: '至少 3 个字符。' },
      { path: 'body.copies', message: '不能大于 5。' },
    ]);
  });

  it.each([
    ['{"title": ', 'application/json', 400, 'BAD_REQUEST'],
    ['"a string"', 'application/json', 400, 'BAD_REQUEST'],
    ['{"__proto__": {"admin": true}, "title": "abc"}', 'application/json', 400, 'BAD_REQUEST'],
    ['title=hello', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [JSON.stringify({ title: 'x'.repeat(1_100_000) }), 'application/json', 413, 'PAYLOAD_TOO_LARGE'],
  ])('refuses the body %.20s as %s', async (body, type, status, code) => {
    const response = await server.request('/api/toy/notes', {
      as: 'ann',
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(response.status).toBe(status);
    expect((await problem(response)).code).toBe(code);
  });

  it.each(['/api/toy/notes/%E0%A4%A', '/api/toy/search?q=%ff', '/api/toy/notes/a%00b', '/%', '/api/%zz/x'])(
    'answers the malformed address %s with BAD_REQUEST',
    async (path) => {
      const status = await rawStatus(server.url, path);
      expect(status).toBe(400);
    },
  );

  it('takes a file as a stream where a route says so', async () => {
    const put = (body: string, type: string) =>
      server.request('/api/toy/song', { as: 'ann', method: 'PUT', headers: { 'content-type': type }, body });
    expect(await (await put('la la la', 'audio/wav')).json()).toEqual({
      text: 'la la la',
      type: 'audio/wav',
    });
    expect((await put('la', 'text/html')).status).toBe(415);
    expect((await put('la'.repeat(11), 'audio/wav')).status).toBe(413);
  });

  it('stops a stream of unknown length once it is too long', async () => {
    const response = await server.request('/api/toy/song', {
      as: 'ann',
      method: 'PUT',
      headers: { 'content-type': 'audio/wav' },
      body: Readable.toWeb(Readable.from([Buffer.alloc(15), Buffer.alloc(15)])) as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
  });
});

describe('output', () => {
  it('never lets a field out that the schema does not name', async () => {
    const response = await server.request('/api/toy/notes', { as: 'ann', ...json({ title: 'hello' }) });
    expect(await response.json()).not.toHaveProperty('secret');
  });

  it('turns a response that does not fit into INTERNAL and logs the route', async () => {
    const body = await problem(await server.request('/api/toy/lies', { as: 'ann' }));
    expect(body).toMatchObject({ code: 'INTERNAL', status: 500 });
    expect(JSON.stringify(body)).not.toContain('seven');
    expect(server.lines.find((line) => line.level === 50)).toMatchObject({ route: 'GET /api/toy/lies' });
  });

  it('tells nothing of an unexpected error, logs it, and reports it to the owner of the route', async () => {
    const response = await server.request('/api/toy/throws', { as: 'ann' });
    const body = await problem(response);
    expect(body).toMatchObject({
      code: 'INTERNAL',
      detail: 'Something went wrong on the server. It has been logged.',
    });
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(server.errors.map((entry) => entry.routeId)).toEqual(['GET /api/toy/throws']);
    expect(body.requestId).toBe(response.headers.get('x-request-id'));
  });

  it('gives a refusal its code, details and its own words, and does not blame the plugin', async () => {
    const body = await problem(await server.request('/api/toy/refuses', { as: 'ann' }));
    expect(body).toMatchObject({
      type: '/errors/CONFLICT',
      title: 'The change conflicts with the present state.',
      status: 409,
      detail: 'The queue still has calls.',
      details: { waiting: 3 },
    });
    expect(server.errors).toEqual([]);
  });

  it('answers 204 without a response schema', async () => {
    expect((await server.request('/api/toy/notes/1', { as: 'ann', method: 'DELETE' })).status).toBe(204);
  });
});

describe('files', () => {
  it('sends a whole file with its name', async () => {
    const response = await server.request('/api/toy/song', { as: 'ann' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''%E5%BD%95%E9%9F%B3.wav");
    expect(response.headers.get('content-length')).toBe('10');
    expect(response.headers.get('content-type')).toBe('audio/wav');
    expect(await response.text()).toBe('0123456789');
  });

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=0-1,4-5', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('answers Range: %s with %i', async (range, status, content, contentRange) => {
    const response = await server.request('/api/toy/song', { as: 'ann', headers: { range } });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(await response.text()).toBe(content);
  });

  it('answers a range beyond the file with 416 and its size', async () => {
    const response = await server.request('/api/toy/song', { as: 'ann', headers: { range: 'bytes=10-' } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */10');
    expect((await problem(response)).code).toBe('RANGE_NOT_SATISFIABLE');
  });

  it('answers HEAD with the headers and without opening the file', async () => {
    const response = await server.request('/api/toy/song', { as: 'ann', method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('10');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
  });
});

describe('dispatch', () => {
  it('finds the more specific route whichever was registered first', async () => {
    expect(await (await server.request('/api/toy/notes/latest', { as: 'ann' })).json()).toBe('the latest');
    expect(await (await server.request('/api/toy/notes/7%2F8', { as: 'ann' })).json()).toBe('7/8');
  });

  it('answers a method it does not know with 405 and OPTIONS with 204, both with Allow', async () => {
    const wrong = await server.request('/api/toy/notes/1', { as: 'ann', method: 'PUT' });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS']);
    const options = await server.request('/api/toy/notes/1', { method: 'OPTIONS' });
    expect(options.status).toBe(204);
    expect(options.headers.get('allow')).toContain('DELETE');
  });

  it.each(['/api/toy/nothing', '/api/nobody/x', '/api', '/api/', '/elsewhere', '/api/__proto__/x'])(
    'answers %s with NOT_FOUND',
    async (path) => {
      const response = await server.request(path, { as: 'ann' });
      expect(response.status).toBe(404);
      expect((await problem(response)).code).toBe('NOT_FOUND');
    },
  );

  it('refuses the same route twice, and takes one away again', async () => {
    const routes = server.http.routesFor('extra', {
      scope: 'system',
      version: '1.0.0',
      tenantGate: false,
      onError: () => {},
    });
    const undo = routes.get('/a', { public: true, response: z.string() }, () => 'a');
    expect(() => routes.get('/a', { public: true }, () => {})).toThrow(/exists already/);
    expect((await server.request('/api/extra/a')).status).toBe(200);
    undo();
    expect((await server.request('/api/extra/a')).status).toBe(404);
    expect(server.http.routeTable().some((route) => route.pluginId === 'extra')).toBe(false);
  });
});

describe('standing', () => {
  it('runs the handler in the scope of the user, the tenant and the request', async () => {
    const response = await server.request('/api/toy/standing', { as: 'bao' });
    expect(await response.json()).toEqual({
      tenantId: 't1',
      kind: 'user',
      name: 'bao',
      locale: 'zh-CN',
      requestId: response.headers.get('x-request-id'),
    });
  });

  it('lets a public route know a user who happens to be signed in', async () => {
    expect(await (await server.request('/api/toy/hello')).json()).toBe('nobody');
    expect(await (await server.request('/api/toy/hello', { as: 'ann' })).json()).toBe('ann');
  });

  it('answers PLUGIN_NOT_ENABLED where the plugin is off, on public routes too', async () => {
    for (const path of ['/api/toy/standing', '/api/toy/hello']) {
      const response = await server.request(path, { as: 'cara' });
      expect(response.status).toBe(404);
      expect((await problem(response)).code).toBe('PLUGIN_NOT_ENABLED');
    }
  });

  it("refuses an operator, who has no tenant, a tenant's route", async () => {
    expect((await problem(await server.request('/api/toy/standing', { as: 'olga' }))).code).toBe(
      'TENANT_REQUIRED',
    );
  });

  it('speaks the language the browser asks for when nobody is signed in', async () => {
    const headers = { 'accept-language': 'fr, zh-TW;q=0.8, en;q=0.5' };
    expect((await problem(await server.request('/api/toy/standing', { headers }))).title).toBe('请先登录。');
  });

  it('does not run a route whose circuit is open', async () => {
    broken = new JackfieldError('PLUGIN_CIRCUIT_OPEN');
    expect((await server.request('/api/toy/hello')).status).toBe(503);
  });
});

describe('abuse', () => {
  it('limits a route for each user by itself, and says when to come back', async () => {
    const codes = async (as: string) => (await server.request('/api/toy/often', { as })).status;
    expect([await codes('ann'), await codes('ann'), await codes('ann'), await codes('bao')]).toEqual([
      200, 200, 429, 200,
    ]);
    const refused = await server.request('/api/toy/often', { as: 'ann' });
    expect(refused.headers.get('retry-after')).toBe('30');
    now += 30_000;
    expect(await codes('ann')).toBe(200);
  });

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 201],
    [{}, 201],
  ])('judges a change with a cookie and %j: %i', async (headers, status) => {
    const init = json({ title: 'hello' });
    const response = await server.request('/api/toy/notes', {
      as: 'ann',
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...(headers as Record<string, string>) },
    });
    expect(response.status).toBe(status);
    if (status === 403) expect((await problem(response)).code).toBe('CROSS_SITE');
  });

  it('lets an API key act from anywhere, since no browser adds it by itself', async () => {
    const init = json({ title: 'hello' });
    const response = await server.request('/api/toy/notes', {
      ...init,
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer ann',
        origin: 'https://shop.example',
      },
    });
    expect(response.status).toBe(201);
  });

  it('sends the security headers on every answer', async () => {
    server.http.allowScripts(['sha256-abc=']);
    const { headers } = await server.request('/nowhere');
    expect(headers.get('content-security-policy')).toContain("script-src 'self' 'sha256-abc=';");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
  });

  it('[core-41] logs each request by its route, without its query and without phone numbers', async () => {
    await server.request('/api/toy/search?q=13800138000', { as: 'ann' });
    await server.request('/api/toy/notes/+8613800138000', { as: 'ann' });
    const entries = server.lines.filter((line) => line.msg === 'request');
    expect(entries).toMatchObject([
      {
        route: 'GET /api/toy/search',
        path: '/api/toy/search',
        status: 200,
        userId: 'user-ann',
        tenantId: 't1',
      },
      { route: 'GET /api/toy/notes/:id', path: '/api/toy/notes/+86138****8000' },
    ]);
    expect(JSON.stringify(server.lines)).not.toContain('13800138000');
  });
});

describe('behind a proxy that ends https', () => {
  it('[core-39] marks cookies as secure, asks for https from then on, and knows the address of the client', async () => {
    const proxied = await startServer({
      config: { trustProxy: true },
      routes(routes) {
        routes.get('/cookie', { public: true, response: z.string() }, ({ setCookie, ip }) => {
          setCookie('a', 'b', { maxAgeMs: 60_000 });
          return ip;
        });
      },
    });
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.9',
      'x-request-id': 'edge-000001',
    };
    const response = await proxied.request('/api/toy/cookie', { headers });
    await proxied.close();
    expect(await response.json()).toBe('203.0.113.9');
    expect(response.headers.getSetCookie().join()).toMatch(/^a=b;.*expires=.*secure.*httponly/i);
    expect(response.headers.get('strict-transport-security')).toContain('max-age=');
    expect(response.headers.get('x-request-id')).toBe('edge-000001');
  });

  it('believes none of it without being told to', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-request-id': 'edge-000001' };
    const response = await server.request('/api/toy/hello', { headers });
    expect(response.headers.get('strict-transport-security')).toBeNull();
    expect(response.headers.get('x-request-id')).not.toBe('edge-000001');
  });
});

describe('the addresses of the installation', () => {
  it('is healthy while it answers, and ready when every check is', async () => {
    expect(await (await server.request('/healthz')).json()).toEqual({ status: 'ok' });
    const undo = server.http.onReady({ name: 'database', check: () => 'no connection' });
    server.http.onReady({ name: 'plugins', check: () => null });
    const refused = await server.request('/readyz');
    expect(refused.status).toBe(503);
    expect(await refused.json()).toEqual({
      status: 'not ready',
      checks: { database: 'no connection', plugins: null },
    });
    undo();
    expect((await server.request('/readyz')).status).toBe(200);
  });

  it('counts requests by route for Prometheus', async () => {
    await server.request('/api/toy/notes/1', { as: 'ann' });
    await server.request('/api/toy/notes/2', { as: 'ann' });
    const metrics = await (await server.request('/metrics')).text();
    expect(metrics).toMatch(
      /_count\{plugin="toy",method="GET",route="\/api\/toy\/notes\/:id",status="200"\} 2/,
    );
  });

  it('describes every route in OpenAPI 3.1', async () => {
    const document = (await (await server.request('/api/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, Record<string, unknown>>>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths['/api/toy/notes']?.post).toMatchObject({
      'x-permission': 'toy:write',
      requestBody: {
        content: { 'application/json': { schema: { type: 'object', required: ['title'] } } },
      },
      responses: { '201': {}, '422': {}, '401': {}, '403': {}, default: {} },
    });
    expect(document.paths['/api/toy/notes/{id}']?.get).toMatchObject({
      parameters: [{ name: 'id', in: 'path', required: true }],
    });
    expect(document.paths['/api/toy/hello']?.get).toMatchObject({ security: [] });
  });
});

/** `fetch` would repair such addresses, so this one is written by hand. */
function rawStatus(url: string, path: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nCookie: jf_session=ann\r\nConnection: close\r\n\r\n`,
      );
    });
    socket.once('data', (data) => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1]));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
