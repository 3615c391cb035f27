import { definePlugin, z } from '@jackfield/core/sdk';
import { interactions } from '@jackfield/plugin-interactions/contract';

const At = z.object({ at: z.number() });

/** Hands what a test asks for to the contract, in the tenant of whoever asks, and keeps the events that come. */
export default definePlugin({
  setup(ctx) {
    const api = ctx.use(interactions);
    const closed: unknown[] = [];
    ctx.events.on('interactions:closed', ({ payload }) => void closed.push(payload));
    const answer = z.object({ result: z.unknown() });
    const options = { signedIn: true, body: z.record(z.string(), z.unknown()), response: answer } as const;
    const method = <S extends z.ZodType>(
      name: string,
      schema: S,
      run: (input: z.output<S>) => Promise<unknown>,
    ) =>
      ctx.routes.post(`/${name}`, options, async ({ body }) => ({
        result: (await run(schema.parse(body))) ?? null,
      }));

    const Open = At.extend({
      id: z.string(),
      address: z.string(),
      name: z.string().default(''),
      direction: z.enum(['inbound', 'outbound', 'internal']).default('inbound'),
      channel: z.string().default('chat'),
    });
    method('open', Open, ({ id, at, address, name, direction, channel }) =>
      api.open({
        channel,
        direction,
        address,
        addressAsGiven: address,
        name,
        via: 'Web',
        ref: { plugin: ctx.id, id },
        at,
      }),
    );
    method('byRef', z.object({ id: z.string() }), ({ id }) => api.byRef({ plugin: ctx.id, id }));
    method('get', z.object({ id: z.string() }), ({ id }) => api.get(id));
    const Entry = At.extend({ id: z.string(), kind: z.string(), userId: z.string().optional() });
    method('record', Entry, ({ id, kind, at, userId }) =>
      api.record(id, { kind, at, data: { note: kind }, ...(userId ? { userId } : {}) }),
    );
    const Participation = z.object({
      id: z.string(),
      userId: z.string(),
      state: z.enum(['offered', 'active', 'held', 'wrap-up']),
      since: z.number(),
      data: z.record(z.string(), z.unknown()).default({}),
    });
    method('setParticipant', Participation, ({ id, ...participation }) =>
      api.setParticipant(id, participation),
    );
    method('removeParticipant', z.object({ id: z.string(), userId: z.string() }), ({ id, userId }) =>
      api.removeParticipant(id, userId),
    );
    method('close', At.extend({ id: z.string(), outcome: z.string() }), ({ id, at, outcome }) =>
      api.close(id, { at, outcome }),
    );
    method(
      'history',
      z.object({ addresses: z.array(z.string()), limit: z.number() }),
      ({ addresses, limit }) => api.history(addresses, limit),
    );
    method('closed', z.object({}), async () => closed);
  },
});
