import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './http-fixture.ts';

let folder: string;
let server: TestServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-static-'));
  mkdirSync(join(folder, 'site', 'assets'), { recursive: true });
  mkdirSync(join(folder, 'site-of-another'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'site-of-another', 'x.txt'), 'secret');
  writeFileSync(join(folder, 'site', 'index.html'), '<title>shell</title>');
  writeFileSync(join(folder, 'site', '.env'), 'secret');
  writeFileSync(join(folder, 'site', 'assets', 'app-1a2b.js'), 'export {};');
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'site', 'link.txt'));
  server = await startServer({});
  server.http.serveStatic('/', join(folder, 'site'), { fallback: 'index.html' });
  server.http.serveStatic('/ui', join(folder, 'site', 'assets'), { immutable: true });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('static files', () => {
  it('come with their type, and are asked for again only when they have changed', async () => {
    const first = await server.request('/assets/app-1a2b.js');
    expect(first.headers.get('content-type')).toContain('javascript');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const etag = first.headers.get('etag') ?? '';
    const again = await raw('/assets/app-1a2b.js', `If-None-Match: ${etag}\r\n`);
    expect(again).toMatch(/^HTTP\/1\.1 304 [\s\S]*\r\n\r\n$/);
    expect(await raw('/assets/app-1a2b.js', 'If-None-Match: "other"\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('are kept for a year where their names carry a hash', async () => {
    const { headers } = await server.request('/ui/app-1a2b.js');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('answer HEAD with the size alone', async () => {
    const response = await server.request('/assets/app-1a2b.js', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '10']);
  });

  it('give the shell for every page of it, but not for a missing script or a call of the API', async () => {
    const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    for (const path of ['/', '/customers/17', '/sign-in?next=%2F']) {
      const response = await server.request(path, { headers: html });
      expect([path, response.status, await response.text()]).toEqual([path, 200, '<title>shell</title>']);
      expect(response.headers.get('content-type')).toContain('text/html');
    }
    expect((await server.request('/assets/old.js', { headers: { accept: '*/*' } })).status).toBe(404);
    expect((await server.request('/api/nothing', { headers: html })).status).toBe(404);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/../site-of-another/x.txt',
    '/.env',
    '/link.txt',
    '//secret.txt',
  ])('never lead out of their folder: %s', async (path) => {
    const answer = await raw(path);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04]/);
    expect(answer).not.toContain('secret\r\n');
    expect(answer.split('\r\n\r\n')[1]).not.toBe('secret');
  });
});

/** `fetch` would resolve `..` before sending, and ask for no answer from a cache. */
function raw(path: string, headers = ''): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n${headers}\r\n`);
    });
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}
