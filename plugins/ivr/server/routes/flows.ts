import { JackfieldError, type PluginContext, pageOf, pageQuery, z } from '@jackfield/core/sdk';
import { EMPTY_FLOW, FlowDto, FlowName } from '../flow-schema.ts';
import type { Flows } from '../flows.ts';
import { type SimulatedInput, simulate } from '../interpreter/simulate.ts';
import type { NodeTypes } from '../interpreter/step.ts';
import { definitionOf, detailOf, FlowDetailDto, FlowId, FlowItemDto, itemOf } from './dto.ts';

const Draft = z.object({ name: FlowName, definition: FlowDto, revision: z.number().int() });
const VersionDto = z.object({
  version: z.number(),
  name: z.string(),
  publishedAt: z.number(),
  publishedBy: z.string().nullable(),
});
const VersionParams = FlowId.extend({ version: z.coerce.number().int().positive() });

const Input: z.ZodType<SimulatedInput> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('keys'), digits: z.string().regex(/^[0-9*#]{1,32}$/) }),
  z.object({ type: z.literal('silence') }),
  z.object({ type: z.literal('result'), result: z.unknown() }),
  z.object({ type: z.literal('failure'), reason: z.string().max(200) }),
]);
const Simulate = z.object({
  /** What is on the screen; the stored draft unless given. */
  definition: FlowDto.optional(),
  inputs: z.array(Input).max(200),
  caller: z.string().max(32).default('13900000000'),
  called: z.string().max(32).default('4000000000'),
});
const SimulationDto = z.object({
  trace: z.array(z.looseObject({ nodeId: z.string(), label: z.string(), kind: z.string() })),
  waitsFor: z.enum(['keys', 'effect', 'cut']).nullable(),
  variables: z.record(z.string(), z.string()),
});

export function flowRoutes(ctx: PluginContext, deps: { readonly flows: Flows; types(): NodeTypes }): void {
  const { flows } = deps;
  const { routes } = ctx;

  routes.get(
    '/flows',
    {
      permission: 'ivr:read',
      summary: 'Flows with their status and the numbers that lead to them',
      query: pageQuery.extend({ status: z.enum(['unpublished', 'published']).optional() }),
      response: pageOf(FlowItemDto),
    },
    async ({ query: { status, ...page } }) => {
      const result = await flows.page(page, { status });
      return { ...result, items: result.items.map(itemOf) };
    },
  );
  routes.post(
    '/flows',
    {
      permission: 'ivr:write',
      summary: 'A new flow, unpublished',
      body: z.object({ name: FlowName, definition: FlowDto.optional() }),
      response: FlowDetailDto,
      status: 201,
    },
    async ({ body, user }) =>
      detailOf(await flows.create(body.name, body.definition ?? EMPTY_FLOW, user?.id ?? null)),
  );
  routes.get(
    '/flows/:id',
    { permission: 'ivr:read', summary: 'A flow with its draft', params: FlowId, response: FlowDetailDto },
    async ({ params }) => detailOf(await flows.get(params.id)),
  );
  routes.put(
    '/flows/:id',
    {
      permission: 'ivr:write',
      summary: 'Saves the draft; what is published stays',
      params: FlowId,
      body: Draft,
      response: FlowDetailDto,
    },
    async ({ params, body, user }) => detailOf(await flows.save(params.id, body, user?.id ?? null)),
  );
  routes.delete(
    '/flows/:id',
    { permission: 'ivr:write', summary: 'Deletes an unpublished flow', params: FlowId },
    ({ params }) => flows.remove(params.id),
  );

  routes.post(
    '/flows/:id/publish',
    {
      permission: 'ivr:publish',
      summary: 'Publishes the draft, saved in the same step when one is sent',
      params: FlowId,
      body: z.object({ revision: z.number().int(), draft: Draft.omit({ revision: true }).optional() }),
      response: FlowDetailDto,
    },
    async ({ params: { id }, body: { draft, revision }, user }) => {
      const userId = user?.id ?? null;
      if (!draft) return detailOf(await flows.publish(id, revision, userId));
      if (!user?.can('ivr:write')) throw new JackfieldError('FORBIDDEN');
      return detailOf(await flows.saveAndPublish(id, { ...draft, revision }, userId));
    },
  );
  routes.post(
    '/flows/:id/withdraw',
    {
      permission: 'ivr:publish',
      summary: 'Takes a flow that nothing leads to out of use',
      params: FlowId,
      response: FlowDetailDto,
    },
    async ({ params }) => detailOf(await flows.withdraw(params.id)),
  );
  routes.get(
    '/flows/:id/versions',
    {
      permission: 'ivr:read',
      summary: 'What was published, newest first',
      params: FlowId,
      response: z.object({ items: z.array(VersionDto) }),
    },
    async ({ params }) => {
      const rows = await flows.versions(params.id);
      const ids = [...new Set(rows.flatMap(({ publishedBy }) => publishedBy ?? []))];
      const names = new Map((await ctx.directory.users({ ids })).map((user) => [user.id, user.name]));
      return {
        items: rows.map(({ version, name, publishedAt, publishedBy }) => ({
          version,
          name,
          publishedAt,
          publishedBy: publishedBy === null ? null : (names.get(publishedBy) ?? null),
        })),
      };
    },
  );
  routes.get(
    '/flows/:id/versions/:version',
    {
      permission: 'ivr:read',
      summary: 'One version as it was published',
      params: VersionParams,
      response: z.object({ definition: FlowDto }),
    },
    async ({ params }) => {
      await flows.get(params.id);
      const found = await flows.version(params.id, params.version);
      if (!found) throw new JackfieldError('NOT_FOUND');
      return { definition: definitionOf(found.definition) };
    },
  );
  routes.post(
    '/flows/:id/versions/:version/publish',
    {
      permission: 'ivr:publish',
      summary: 'Goes back to an earlier version for the calls to come',
      params: VersionParams,
      response: FlowDetailDto,
    },
    async ({ params, user }) => detailOf(await flows.republish(params.id, params.version, user?.id ?? null)),
  );

  routes.post(
    '/flows/:id/simulate',
    {
      permission: 'ivr:read',
      summary: 'Runs a draft without a call: what is heard, and where the call goes',
      params: FlowId,
      body: Simulate,
      response: SimulationDto,
    },
    async ({ params, body: { definition, inputs, caller, called } }) => {
      const { row } = await flows.get(params.id);
      const variables = { caller, callerName: '', called, callId: 'simulated' };
      const result = simulate(definition ?? row.draft, deps.types(), inputs, variables);
      return {
        ...result,
        trace: result.trace.map((entry) => ({ ...entry })),
        variables: { ...result.variables },
      };
    },
  );
}
