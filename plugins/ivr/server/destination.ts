import { type PluginContext, z } from '@jackfield/core/sdk';
import type { Destination, TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { Flows } from './flows.ts';
import type { NodeRegistry } from './nodes/registry.ts';
import { readPosition } from './runtime/flow-position.ts';
import { runFlow } from './runtime/run-flow.ts';

const FlowTarget = z.object({ flowId: z.string().min(1).max(26) });

/** The destination `ivr`: numbers and other flows send calls to a published flow. */
export function flowDestination(
  ctx: PluginContext,
  deps: {
    readonly telephony: Pick<TelephonyApi, 'prompt'>;
    readonly flows: Flows;
    readonly registry: NodeRegistry;
  },
): Destination<typeof FlowTarget> {
  return {
    kind: 'ivr',
    title: { 'zh-CN': 'IVR 流程', en: 'IVR flow' },
    target: FlowTarget,
    async options() {
      return (await deps.flows.published()).map(({ id, name }) => ({ target: { flowId: id }, label: name }));
    },
    async run(call, { flowId }, run) {
      const fault = (fault: string, reason: string) => {
        call.note('ivr.fault', { flowId, fault, reason });
        return { end: 'NORMAL_TEMPORARY_FAILURE' as const };
      };
      const stored = readPosition(run.state);
      if (run.state !== null && !stored) return fault('bad-state', 'The stored position cannot be read.');
      const entering = async () => {
        const flow = (await deps.flows.published()).find(({ id }) => id === flowId);
        return flow?.publishedVersion ?? null;
      };
      const version = stored?.version ?? (await entering());
      if (version === null) return fault('not-published', 'The flow is not published, or was deleted.');
      const definition = await deps.flows.version(flowId, version);
      if (!definition) return fault('no-version', `Version ${version} of the flow is not there.`);

      if (!stored) {
        // The version is fixed before anything is heard: what is published from now on is for other calls.
        await run.save({ version, flow: null });
        call.note('ivr.entered', { flowId, name: definition.name, version });
      }
      return await runFlow(call, definition.definition, { version, flow: stored?.flow ?? null }, run, {
        telephony: deps.telephony,
        clock: ctx.clock,
        types: deps.registry.types((pluginId) => call.isActive(pluginId)),
      });
    },
  };
}
