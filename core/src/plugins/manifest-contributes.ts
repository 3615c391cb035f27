import { z } from 'zod';

/** Parts of plugin.json that say what a plugin adds. All are read as data; none runs the plugin. */
export const LocalTextSchema = z
  .strictObject({ 'zh-CN': z.string().min(1), en: z.string().min(1) })
  .describe('A text for people, in every language of the product.');

const Permission = z
  .string()
  .regex(/^[a-z][a-z0-9-]*:[a-z0-9][a-z0-9:.-]*$/, 'must be <plugin>:<action>')
  .describe('A permission, <plugin>:<action>.');
const Component = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]*$/)
  .describe('Its key in the defineUi() of the ui entry.');
const Order = z.number().int().describe('Place among its neighbours, small first.');
const HookName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/, 'must be domain:moment')
  .describe('domain:moment');
const Key = z.string().regex(/^[a-z][a-z0-9]*([.-]?[a-zA-Z0-9]+)*$/);

const MenuPlace = z.strictObject({
  section: z.string().min(1).describe('Id of the menu section, such as workbench, customers or admin.'),
  order: Order.default(0),
  icon: z.string().optional(),
});

export const PageSchema = z.strictObject({
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9/:_.?*()-]*$/, 'must begin with /')
    .describe('vue-router path.'),
  title: LocalTextSchema,
  permission: Permission.optional(),
  component: Component,
  menu: MenuPlace.optional(),
});
export const MenuSchema = z.strictObject({
  section: z.string().min(1),
  title: LocalTextSchema,
  path: z.string().min(1),
  order: Order.default(0),
  icon: z.string().optional(),
  permission: Permission.optional(),
});
export const SlotSchema = z.strictObject({
  slot: z.string().min(1).describe('Where: such as shell.bar, workbench.conversation or workbench.customer.'),
  component: Component,
  order: Order.default(0),
  title: LocalTextSchema.optional(),
  permission: Permission.optional(),
});
export const WidgetSchema = z.strictObject({
  key: Key,
  title: LocalTextSchema,
  component: Component,
  order: Order.default(0),
  width: z.int().min(1).max(12).default(4).describe('Columns of twelve.'),
  permission: Permission.optional(),
});
const Setting = z.strictObject({
  key: Key,
  title: LocalTextSchema,
  description: LocalTextSchema.optional(),
  schema: z.record(z.string(), z.unknown()).describe('JSON Schema of the value.'),
  default: z.unknown().describe('Value where nobody has set one.'),
  level: z.enum(['system', 'tenant']).describe('Who may set it: the operator only, or each tenant too.'),
  secret: z.boolean().default(false).describe('Stored encrypted, never sent back to a browser.'),
  needs: z
    .array(Key)
    .default([])
    .describe('Settings of this plugin that must have a value wherever this one is on or not empty.'),
});
const Hook = z.strictObject({
  name: HookName,
  kind: z.enum(['action', 'filter', 'decide', 'notify']),
  description: z.string().min(1),
});
const Named = z.strictObject({
  name: z.string().min(1),
  title: LocalTextSchema.optional(),
  description: z.string().optional(),
});
const Typed = z.strictObject({ type: Key, title: LocalTextSchema, icon: z.string().optional() });
const Report = z.strictObject({ key: Key, title: LocalTextSchema, permission: Permission.optional() });

export const PermissionsSchema = z
  .array(
    z.strictObject({
      key: Permission,
      title: LocalTextSchema,
      group: z.string().min(1).describe('Heading under which the role editor shows it.'),
      defaultRoles: z.array(z.string()).default([]).describe('Roles that have it in a new tenant.'),
      risk: z.enum(['low', 'medium', 'high']).optional(),
    }),
  )
  .default([]);

export const ContributesSchema = z
  .strictObject({
    pages: z.array(PageSchema).default([]),
    menus: z.array(MenuSchema).default([]),
    slots: z.array(SlotSchema).default([]),
    widgets: z.array(WidgetSchema).default([]),
    settings: z.array(Setting).default([]),
    jobs: z.array(Named).default([]).describe('Every name given to ctx.jobs.define and ctx.jobs.every.'),
    hooks: z.array(Hook).default([]).describe('Every hook declared with ctx.hooks.declare.'),
    events: z.array(Named).default([]).describe('Events it publishes.'),
    ivrNodes: z.array(Typed).default([]),
    channels: z.array(Typed).default([]),
    reports: z.array(Report).default([]),
  })
  .prefault({});

export const UsesSchema = z
  .strictObject({
    hooks: z.array(HookName).default([]).describe('Every hook tapped with ctx.hooks.on.'),
    net: z
      .array(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d+)?$/, 'must be a host name'))
      .default([])
      .describe('Hosts it calls; *.example.com for all below.'),
    telephony: z
      .union([z.literal(false), z.enum(['events', 'control'])])
      .default(false)
      .describe('events: sees calls. control: drives them too.'),
    files: z.boolean().default(false).describe('ctx.storage'),
    secrets: z.boolean().default(false).describe('Has settings that are secret.'),
    acrossTenants: z
      .boolean()
      .default(false)
      .describe('ctx.acrossTenants: reads and writes the rows of all tenants.'),
  })
  .prefault({});
