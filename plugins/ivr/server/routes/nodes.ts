import { type Locale, type LocalText, type PluginContext, z } from '@jackfield/core/sdk';
import type { TelephonyApi } from '@jackfield/plugin-telephony/contract';
import type { FlowNode, NodeType } from '../../contract.ts';
import { FlowDto } from '../flow-schema.ts';
import type { Flows } from '../flows.ts';
import type { NodeTypes } from '../interpreter/step.ts';
import { ProblemDto } from './dto.ts';

const Text = z.object({ 'zh-CN': z.string(), en: z.string() });
const NodeTypeDto = z.object({
  type: z.string(),
  title: Text,
  icon: z.string(),
  /** JSON Schema of its settings; `label`, `hint` and `widget` in it are for the editor. */
  schema: z.record(z.string(), z.unknown()),
});
const ExitDto = z.object({ name: z.string(), title: Text.nullable() });
const DestinationDto = z.object({
  kind: z.string(),
  title: Text,
  target: z.record(z.string(), z.unknown()),
  label: z.string(),
});

export function nodeRoutes(
  ctx: PluginContext,
  deps: {
    readonly flows: Flows;
    readonly telephony: Pick<TelephonyApi, 'destinationOptions'>;
    types(): NodeTypes;
  },
): void {
  ctx.routes.get(
    '/node-types',
    {
      permission: 'ivr:read',
      summary: 'Node types of all active plugins, with the schema of their settings',
      response: z.object({ items: z.array(NodeTypeDto) }),
    },
    () => ({
      items: [...deps.types().values()].map((type) => ({
        type: type.type,
        title: type.title,
        icon: type.icon,
        schema: schemaOf(type),
      })),
    }),
  );
  ctx.routes.get(
    '/destinations',
    {
      permission: 'ivr:read',
      summary: 'Where a call may be sent to now',
      response: z.object({ items: z.array(DestinationDto) }),
    },
    async () => ({
      items: (await deps.telephony.destinationOptions()).map((option) => ({
        ...option,
        target: { ...option.target },
      })),
    }),
  );
  ctx.routes.post(
    '/validate',
    {
      permission: 'ivr:read',
      summary: 'What keeps a flow from being published, and the exits each node has',
      body: z.object({ definition: FlowDto }),
      response: z.object({
        problems: z.array(ProblemDto),
        /** By node id; null while the settings of the node are not valid. */
        exits: z.record(z.string(), z.array(ExitDto).nullable()),
      }),
    },
    async ({ body: { definition }, headers }) => {
      const types = deps.types();
      return {
        problems: await deps.flows.problems(definition, localeOf(headers['accept-language'])),
        exits: Object.fromEntries(definition.nodes.map((node) => [node.id, exitsOf(node, types)])),
      };
    },
  );
}

function localeOf(header: string | string[] | undefined): Locale {
  return /^zh\b/i.test(String(header ?? '')) ? 'zh-CN' : 'en';
}

/** A schema that JSON Schema cannot say is shown as a field of JSON. */
function schemaOf({ config }: NodeType): Record<string, unknown> {
  try {
    return { ...z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }) };
  } catch {
    return {};
  }
}

function exitsOf(node: FlowNode, types: NodeTypes): { name: string; title: LocalText | null }[] | null {
  const type = types.get(node.type);
  if (!type) return null;
  try {
    const config = type.config.safeParse(node.config);
    if (!config.success) return null;
    const titles = type.exitTitles?.(config.data) ?? {};
    return type.exits(config.data).map((name) => ({ name, title: titles[name] ?? null }));
  } catch {
    // What is wrong with it stands among the problems.
    return null;
  }
}
