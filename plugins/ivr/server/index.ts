import { definePlugin } from '@jackfield/core/sdk';
import { telephony as telephonyContract } from '@jackfield/plugin-telephony/contract';
import { ivr } from '../contract.ts';
import { seedDemoFlow } from './demo.ts';
import { flowDestination } from './destination.ts';
import { FlowEntity, FlowVersionEntity } from './flow.entity.ts';
import { createFlows } from './flows.ts';
import { builtInNodes } from './nodes/index.ts';
import { nodeType } from './nodes/node-type.ts';
import { createNodeRegistry } from './nodes/registry.ts';
import { flowRoutes } from './routes/flows.ts';
import { nodeRoutes } from './routes/nodes.ts';

export default definePlugin({
  entities: [FlowEntity, FlowVersionEntity],
  setup(ctx) {
    const telephony = ctx.use(telephonyContract);
    const registry = createNodeRegistry(ctx.id);
    const actives = new Map<string, () => boolean>();
    for (const type of builtInNodes) registry.add(ctx.id, type);

    ctx.provide(ivr, (consumer) => {
      actives.set(consumer.pluginId, () => consumer.isActive());
      return { node: (type) => consumer.onUndo(registry.add(consumer.pluginId, nodeType(type))) };
    });

    const types = () => registry.types((pluginId) => actives.get(pluginId)?.() ?? false);
    const flows = createFlows(ctx, { telephony, types });
    telephony.destination(flowDestination(ctx, { telephony, flows, registry }));
    flowRoutes(ctx, { flows, types });
    nodeRoutes(ctx, { flows, types, telephony });
    ctx.hooks.on('core:demo', () => seedDemoFlow(ctx, flows, telephony));
  },
});
