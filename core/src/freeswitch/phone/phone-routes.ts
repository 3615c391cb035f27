import { z } from 'zod';
import { JackfieldError } from '../../errors/index.ts';
import type { PluginRoutes } from '../../http/contract.ts';
import type { Switch } from '../switch/contract.ts';
import type { PhoneLines } from './phone-line.ts';

const CallId = z.object({ id: z.string().min(1).max(64) });
const DialString = z.string().regex(/^[+*#0-9]{1,24}$/, 'digits, and + * # at the most');
const Dial = z.object({ number: DialString, from: DialString, name: z.string().max(40).default('') });

/** Shorter than the 30 s after which common proxies cut a silent answer. */
const WAIT_MS = 20_000;

/** Routes of `/phone`, the customer's phone; they answer 404 on a server with a real switch. */
export function phoneRoutes(routes: PluginRoutes, lines: PhoneLines, node: Switch): void {
  const emulatorOnly = () => {
    if (node.state.state !== 'connected') throw new JackfieldError('SWITCH_UNREACHABLE');
    if (!node.state.emulator) throw new JackfieldError('NOT_FOUND');
  };
  routes.get(
    '/line',
    { public: true, summary: 'Answers where there is a virtual phone', rateLimit: 120 },
    emulatorOnly,
  );
  routes.post(
    '/calls',
    {
      public: true,
      summary: 'Dials a number from the virtual phone',
      body: Dial,
      response: CallId,
      status: 201,
      rateLimit: 60,
    },
    async ({ body }) => {
      emulatorOnly();
      return { id: await lines.dial(body.number, body.from, body.name) };
    },
  );
  routes.get(
    '/calls/:id/events',
    {
      public: true,
      summary: 'What the virtual phone noticed after `since`; waits for something up to 20 s',
      params: CallId,
      query: z.object({ since: z.coerce.number().int().min(0).default(0) }),
      response: z.object({
        events: z.array(z.looseObject({ seq: z.number(), at: z.number(), type: z.string() })),
      }),
      rateLimit: 600,
    },
    async ({ params, query }) => ({ events: [...(await lines.events(params.id, query.since, WAIT_MS))] }),
  );
  routes.post(
    '/calls/:id/digits',
    {
      public: true,
      summary: 'Presses keys',
      params: CallId,
      body: z.object({ digits: z.string().regex(/^[0-9*#A-D]{1,32}$/) }),
      rateLimit: 300,
    },
    ({ params, body }) => lines.press(params.id, body.digits),
  );
  routes.post(
    '/calls/:id/hangup',
    { public: true, summary: 'Hangs up', params: CallId, rateLimit: 300 },
    ({ params }) => lines.hangUp(params.id),
  );
}
