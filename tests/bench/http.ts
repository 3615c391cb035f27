/**
 * HTTP on the built server: signing in, and a list of 1,000 rows read a page at a time by somebody who is signed
 * in. Beside the first the hash alone, which is meant to be dear; beside the second a bare Koa. Clients keep
 * their connections, each sends its next request when it has its answer; server, peer and clients share the
 * machine's cores.
 */
import { fork } from 'node:child_process';
import { randomBytes, scrypt } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServerProcess } from '../support/server-process.ts';
import { perSecond, tell, times } from './bench.ts';

const RUNS = 5;
const CLIENTS = 16;
const LIST_MS = 2_000;
const SIGN_IN_MS = 2_000;
const ROWS = 1_000;
const PAGE = 50;

interface Ask {
  readonly url: string;
  readonly cookie?: string;
  readonly body?: unknown;
}
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookie: string;
}

/** A client has one connection, and an address of its own: limits are per address. */
function client(index: number): (ask: Ask) => Promise<Answer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return ({ url, cookie, body }) =>
    new Promise((done, fail) => {
      const sent = request(url, {
        agent,
        localAddress: `127.0.1.${index + 1}`,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(cookie ? { cookie } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      });
      sent.on('error', fail);
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          done({
            status: response.statusCode ?? 0,
            text,
            cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
          }),
        );
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** What all clients together get done in a second. */
async function rate(ms: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) => {
      while (performance.now() - start < ms) {
        await work(index);
        count++;
      }
    }),
  );
  return perSecond(count, performance.now() - start);
}

async function asked(ask: Promise<Answer>): Promise<Answer> {
  const answer = await ask;
  if (answer.status >= 300) throw new Error(`The answer was ${answer.status}: ${answer.text.slice(0, 300)}`);
  return answer;
}

const server = await startServerProcess({ env: { LOG_LEVEL: 'warn' } });
const koa = fork(fileURLToPath(new URL('./http-peer.js', import.meta.url)));
try {
  const [port] = (await once(koa, 'message')) as [number];
  const clients = Array.from({ length: CLIENTS }, (_, index) => client(index));
  const ask = (index: number, what: Ask) => asked((clients[index] as (ask: Ask) => Promise<Answer>)(what));
  const password = await server.password();
  const people = ['amy', 'ben', 'chloe', 'david', 'emma', 'frank', 'grace', 'henry', 'iris', 'jack'];
  const signIn = (index: number, name = people[index % people.length]) =>
    ask(index, { url: `${server.url}/api/core/sign-in`, body: { account: `${name}@acme`, password } });

  const { cookie } = await signIn(0, 'admin');
  for (let row = 0; row < ROWS; row++) {
    await ask(0, {
      url: `${server.url}/api/crm/customers`,
      cookie,
      body: { name: `Customer ${row}`, addresses: [{ value: `+8613${String(800_000_000 + row)}` }] },
    });
  }
  const list = `${server.url}/api/crm/customers?limit=${PAGE}`;
  const page = JSON.parse((await ask(0, { url: list, cookie })).text) as { items: unknown[] };
  if (page.items.length !== PAGE) throw new Error(`The page has ${page.items.length} rows.`);

  const hash = promisify<string, Buffer, number, object, Buffer>(scrypt);
  const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
  const salt = randomBytes(16);
  const url = `http://127.0.0.1:${port}/`;
  // warm-up
  await rate(500, (index) => ask(index, { url: list, cookie }));
  await rate(500, (index) => ask(index, { url }));
  const runs = await times(RUNS, async () => ({
    signIn: await rate(SIGN_IN_MS, (index) => signIn(index)),
    hash: await rate(SIGN_IN_MS, () => hash(password, salt, 32, cost)),
    list: await rate(LIST_MS, (index) => ask(index, { url: list, cookie })),
    hello: await rate(LIST_MS, (index) => ask(index, { url })),
  }));
  tell({
    what: `HTTP sign-in, ${CLIENTS} connections`,
    unit: 'sign-ins/s',
    runs: runs.map((run) => run.signIn),
    peer: { name: 'limit: the scrypt hash alone', runs: runs.map((run) => run.hash) },
  });
  tell({
    what: `HTTP list of ${ROWS} customers, ${PAGE} a page, signed in, ${CLIENTS} connections`,
    unit: 'requests/s',
    runs: runs.map((run) => run.list),
    peer: { name: 'bare Koa, one word', runs: runs.map((run) => run.hello) },
  });
} finally {
  koa.disconnect();
  await server.stop();
}
