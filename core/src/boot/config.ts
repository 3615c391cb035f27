import { resolve } from 'node:path';
import { z } from 'zod';
import { parseSwitchUrl } from '../freeswitch/switch/url.ts';

const port = z.coerce.number().int().min(0).max(65535);

const environment = z.object({
  PORT: port.default(3000).describe('port of the web server, 0 for any free one'),
  HOST: z.string().default('0.0.0.0').describe('address to listen on'),
  DATA_DIR: z.string().default('data').describe('folder for the database, recordings and prompts'),
  DATABASE_URL: z
    .string()
    .regex(/^(mysql|mariadb|sqlite):/, 'mysql://user:password@host:3306/name, or sqlite:<file>')
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'redis://host:6379')
    .optional(),
  FREESWITCH_URL: z
    .string()
    .refine((value) => parses(value), 'esl://:password@host:8021')
    .optional(),
  SWITCH_WS_URL: z
    .string()
    .refine((value) => /^ws:\/\/[^/?#@]+\/?$/.test(value) && URL.canParse(value), 'ws://host:5066')
    .optional()
    .describe('where FreeSWITCH takes browser phones; port 5066 of its host unless given'),
  /** Folder shared with FreeSWITCH, as each of the two sees it. */
  SWITCH_MEDIA_DIR: z.string().optional().describe('folder for prompts and recordings as FreeSWITCH sees it'),
  SWITCH_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe('shared secret of mod_xml_curl, 16 characters or more'),
  SECRET_KEY: z
    .string()
    .min(16, '16 characters or more, the same on every node')
    .optional()
    .describe('seals the secrets of the settings; made and kept in DATA_DIR unless given'),
  TRUST_PROXY: z.enum(['on', 'off']).default('off').describe('behind a proxy that sets X-Forwarded-*'),
  PLUGIN_DIRS: z.string().optional().describe('further folders with plugins, separated by ":"'),
  PLUGIN_FAILURE: z.enum(['continue', 'abort']).default('continue'),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  DEMO: z.enum(['on', 'off']).default('on').describe('seed a demo tenant on the first start'),
});

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** Undefined: the embedded emulator. */
  readonly freeswitchUrl: string | undefined;
  /** Where FreeSWITCH takes WebSockets; undefined: port 5066 of the host above. */
  readonly switchWsUrl: string | undefined;
  readonly mediaDir: string;
  readonly switchMediaDir: string;
  readonly switchSecret: string | undefined;
  readonly secretKey: string | undefined;
  readonly trustProxy: boolean;
  readonly pluginDirs: readonly string[];
  readonly onPluginFailure: 'continue' | 'abort';
  readonly logLevel: string;
  readonly demo: boolean;
}

/** A setting of the environment that is wrong; the message names each variable and what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: expected ${issue.message}`);
    throw new ConfigError(`The environment has wrong settings:\n${lines.join('\n')}`);
  }
  const e = parsed.data;
  const dataDir = resolve(e.DATA_DIR);
  const mediaDir = resolve(dataDir, 'media');
  return {
    port: e.PORT,
    host: e.HOST,
    dataDir,
    databaseUrl: e.DATABASE_URL,
    redisUrl: e.REDIS_URL,
    freeswitchUrl: e.FREESWITCH_URL,
    switchWsUrl: e.SWITCH_WS_URL,
    mediaDir,
    switchMediaDir: e.SWITCH_MEDIA_DIR ?? mediaDir,
    switchSecret: e.SWITCH_SECRET,
    secretKey: e.SECRET_KEY,
    trustProxy: e.TRUST_PROXY === 'on',
    pluginDirs: (e.PLUGIN_DIRS ?? '').split(':').filter(Boolean),
    onPluginFailure: e.PLUGIN_FAILURE,
    logLevel: e.LOG_LEVEL,
    demo: e.DEMO === 'on',
  };
}

function parses(url: string): boolean {
  try {
    parseSwitchUrl(url);
    return true;
  } catch {
    return false;
  }
}
