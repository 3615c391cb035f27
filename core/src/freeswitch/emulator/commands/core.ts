import type { ApiRegistry } from '../api.ts';
import { expand } from '../expand.ts';
import type { SwitchCore } from '../switch-core.ts';
import { findChannel, NO_CHANNEL, OK } from './find.ts';

export function addCoreCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('status', () => status(core));
  registry.add('version', (args) =>
    args.trim() === 'short' ? '1.11.2' : `FreeSWITCH Version ${core.identity.version} (Jackfield emulator)\n`,
  );
  registry.add('echo', (args) => args);
  registry.add('eval', (args) => evaluate(core, args));
  registry.add('expand', (args) => evaluate(core, args));
  registry.add('create_uuid', () => core.newUuid());
  registry.add('strepoch', () => String(Math.floor(core.clock.nowUs() / 1e6)));
  registry.add('strmicroepoch', () => String(core.clock.nowUs()));
  registry.add('hostname', () => core.identity.hostname);
  registry.add('switchname', () => core.identity.hostname);
  registry.add('uptime', (args) =>
    String(Math.floor(uptimeUs(core) / (args === 'us' ? 1 : args === 'ms' ? 1e3 : 1e6))),
  );
  registry.add('reloadxml', () => '+OK [Success]\n');
  registry.add('log', (args) => {
    const match = /^(\w+) (.*)$/s.exec(args);
    const level = logLevels.indexOf(match?.[1] ?? '');
    if (!match || level < 0) return '-ERR Invalid log level\n';
    core.log(level, match[2] ?? '');
    return OK;
  });
  registry.add('msleep', (args) => {
    const ms = Number(args) || 0;
    return new Promise((resolve) => core.clock.after(ms, () => resolve('+OK')));
  });
  registry.add('global_getvar', (args) => {
    if (args.trim() === '') return [...core.globals].map(([name, value]) => `${name}=${value}\n`).join('');
    return core.globals.get(args.trim()) ?? '';
  });
  registry.add('global_setvar', (args) => {
    const equals = args.indexOf('=');
    if (equals <= 0) return '-ERR No global variable specified\n';
    const value = args.slice(equals + 1);
    if (value === '') core.globals.delete(args.slice(0, equals));
    else core.globals.set(args.slice(0, equals), value);
    return '+OK';
  });
  registry.add('module_exists', (args) => String(modules.has(args.trim())));
  registry.add('fsctl', (args) => fsctl(core, args.trim()));
}

const logLevels = ['CONSOLE', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];

const modules = new Set([
  'mod_sofia',
  'mod_commands',
  'mod_dptools',
  'mod_event_socket',
  'mod_conference',
  'mod_hash',
  'mod_avmd',
  'mod_local_stream',
  'mod_tone_stream',
]);

function uptimeUs(core: SwitchCore): number {
  return core.clock.nowUs() - core.startedUs;
}

/** `0 years, 0 days, 0 hours, 1 minute, 7 seconds, 270 milliseconds, 277 microseconds` */
export function uptimeText(core: SwitchCore): string {
  let rest = Math.floor(uptimeUs(core));
  const parts: string[] = [];
  for (const [unit, us] of [
    ['year', 365 * 86_400e6],
    ['day', 86_400e6],
    ['hour', 3600e6],
    ['minute', 60e6],
    ['second', 1e6],
    ['millisecond', 1e3],
    ['microsecond', 1],
  ] as const) {
    const count = Math.floor(rest / us);
    rest -= count * us;
    parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return parts.join(', ');
}

function status(core: SwitchCore): string {
  const now = core.channels.size;
  return [
    `UP ${uptimeText(core)}`,
    `FreeSWITCH (Version ${core.identity.version}) is ready`,
    `${core.sessionCount} session(s) since startup`,
    `${now} session(s) - peak ${core.peakSessions}, last 5min ${core.peakSessions} `,
    `0 session(s) per Sec out of max ${core.sessionsPerSecond}, peak 1, last 5min 1 `,
    '3000 session(s) max',
    'min idle cpu 0.00/98.43',
    'Current Stack Size/Max 240K/8192K',
    '',
  ].join('\n');
}

/** `eval [uuid:<uuid> ]text` */
function evaluate(core: SwitchCore, args: string): string {
  const of = /^uuid:(\S+) (.*)$/s.exec(args);
  if (!of) return expand(core, null, args);
  const channel = findChannel(core, of[1]);
  return channel ? expand(core, channel, of[2] ?? '') : NO_CHANNEL;
}

function fsctl(core: SwitchCore, args: string): string {
  const [verb = '', ...rest] = args.split(/\s+/);
  switch (verb) {
    case 'pause':
      core.paused = true;
      return OK;
    case 'resume':
      core.paused = false;
      return OK;
    case 'pause_check':
      return String(core.paused);
    case 'shutdown_check':
      return String(core.shuttingDown);
    case 'ready_check':
      return String(!core.paused && !core.shuttingDown);
    case 'sps':
      if (rest[0] !== undefined && Number(rest[0]) > 0) core.sessionsPerSecond = Number(rest[0]);
      return `+OK sessions per second: ${core.sessionsPerSecond}\n`;
    case 'max_sessions':
      return '+OK max sessions: 3000\n';
    case 'hupall':
      return hangupAll(core, rest[0]);
    case 'shutdown': {
      if (rest[0] === 'cancel') return OK;
      core.options.onShutdown(rest[0] === 'now');
      return OK;
    }
    case '':
      return '-USAGE: fsctl [recover|send_sighup|hupall|pause|resume|shutdown|sps|max_sessions|...]\n';
    default:
      return OK;
  }
}

function hangupAll(core: SwitchCore, cause = 'MANAGER_REQUEST'): string {
  for (const channel of [...core.channels.values()]) channel.hangup(cause);
  return `+OK hangup all channels with cause ${cause}\n`;
}
