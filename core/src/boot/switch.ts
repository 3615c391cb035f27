import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Emulator } from '../freeswitch/emulator/emulator.ts';
import { FreeswitchNode } from '../freeswitch/switch/freeswitch-node.ts';
import { parseSwitchUrl } from '../freeswitch/switch/url.ts';
import type { Config } from './config.ts';

export interface SwitchHost {
  readonly node: FreeswitchNode;
  /** Null when the switch is somewhere else. */
  readonly emulator: Emulator | null;
  /** Where the switch takes the phones of browsers; null with the embedded emulator, whose phones are virtual. */
  readonly browserPhones: { readonly host: string; readonly port: number } | null;
  /** Folder for recordings as the switch sees it. */
  readonly recordingDir: string;
  stop(): Promise<void>;
}

/** The one FreeSWITCH of this process: the one FREESWITCH_URL names, or the embedded emulator. */
export async function openSwitch(config: Config, log: Logger): Promise<SwitchHost> {
  await mkdir(join(config.mediaDir, 'recordings'), { recursive: true });
  const recordingDir = join(config.switchMediaDir, 'recordings');
  const emulator = config.freeswitchUrl === undefined ? await startEmulator() : null;
  const address = emulator ? emulator.address : parseSwitchUrl(config.freeswitchUrl ?? '');
  const node = new FreeswitchNode({ nodeId: 'default', address, log });
  return {
    node,
    emulator,
    browserPhones: emulator ? null : webSocketAddress(config.switchWsUrl, address.host),
    recordingDir,
    async stop() {
      await node.stop();
      await emulator?.stop();
    },
  };
}

/** On loopback, on a free port, with a password of this start: nobody but this process talks to it. */
async function startEmulator(): Promise<Emulator> {
  const emulator = new Emulator({ password: randomBytes(12).toString('base64url') });
  await emulator.start();
  return emulator;
}

function webSocketAddress(url: string | undefined, switchHost: string): { host: string; port: number } {
  if (url === undefined) return { host: switchHost, port: 5066 };
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) };
}
