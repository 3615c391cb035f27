/**
 * plugin.json: what a plugin is, asks for and adds, read before any of its code runs. Its version, licence
 * and npm dependencies stand in package.json only.
 */
import semver from 'semver';
import { z } from 'zod';
import { ContributesSchema, LocalTextSchema, PermissionsSchema, UsesSchema } from './manifest-contributes.ts';

const PluginId = z
  .string()
  .max(24)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case: lower-case letters, digits and single hyphens')
  .describe('Permanent: prefix of its tables, routes, permissions and settings.');

const Range = z
  .string()
  .refine((range) => semver.validRange(range) !== null, 'must be a semver range such as ^1.2.0')
  .describe('semver range');
const Dependencies = z.record(PluginId, Range).default({});

/** Relative, below the plugin's own folder; a `..` would let a manifest point at any file of the server. */
const FilePath = z
  .string()
  .regex(/^[A-Za-z0-9_.][A-Za-z0-9_./-]*$/, 'must be a relative path with forward slashes')
  .refine((path) => !path.split('/').includes('..'), 'must stay inside the plugin folder');

const PROCESSES = ['web', 'worker', 'telephony'] as const;
export type ProcessRole = (typeof PROCESSES)[number];

export const ManifestSchema = z
  .strictObject({
    $schema: z.string().optional(),
    id: PluginId.refine((id) => id !== 'core', 'is the name of the server itself'),
    title: LocalTextSchema,
    description: LocalTextSchema,
    icon: z.string().optional(),
    category: z.string().optional(),
    engines: z.strictObject({ core: Range }),
    requires: Dependencies.describe('Plugins it cannot work without.'),
    optional: Dependencies.describe('Plugins it works with when they are there.'),
    conflicts: Dependencies.describe('Plugins it cannot stand beside.'),
    scope: z.enum(['tenant', 'system']).default('tenant').describe('system: always on, for everyone.'),
    server: FilePath.optional().describe('Built server entry, such as dist/server/index.js.'),
    ui: z
      .strictObject({ entry: FilePath, manifest: FilePath.optional() })
      .optional()
      .describe('Built browser entry and its Vite manifest.'),
    processes: z
      .array(z.enum(PROCESSES))
      .min(1)
      .default([...PROCESSES])
      .describe('Roles of process that load it.'),
    permissions: PermissionsSchema,
    contributes: ContributesSchema,
    uses: UsesSchema,
    data: z
      .strictObject({
        tables: z.array(z.string()).default([]).describe('Its tables, <plugin>_<thing>.'),
        retention: z
          .record(z.string(), z.int().positive())
          .default({})
          .describe('Table → days its rows are kept unless set otherwise.'),
      })
      .prefault({}),
    edition: z.string().optional().describe('Licence flag that a plan must contain.'),
  })
  .meta({ title: 'Jackfield plugin' });

export type PluginManifest = z.output<typeof ManifestSchema>;
/** As written by hand: everything with a default may be left out. */
export type PluginManifestInput = z.input<typeof ManifestSchema>;

export type ManifestResult =
  | { readonly ok: true; readonly manifest: PluginManifest }
  /** One line per fault, each with the path of the key. */
  | { readonly ok: false; readonly problems: readonly string[] };

export function parseManifest(json: unknown): ManifestResult {
  const result = ManifestSchema.safeParse(json);
  return result.success
    ? { ok: true, manifest: result.data }
    : { ok: false, problems: result.error.issues.flatMap(describeIssue) };
}

/** The JSON Schema that editors use; published as core/plugin.schema.json. */
export function manifestJsonSchema(): unknown {
  return z.toJSONSchema(ManifestSchema, { io: 'input', target: 'draft-7' });
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `unknown key "${key}" in ${path || 'plugin.json'}`);
  }
  return [`${path || 'plugin.json'}: ${issue.message}`];
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    '',
  );
}
