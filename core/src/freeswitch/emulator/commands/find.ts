import type { Channel } from '../channel.ts';
import type { SwitchCore } from '../switch-core.ts';

export const NO_CHANNEL = '-ERR No such channel!\n';
export const OK = '+OK\n';
export const SUCCESS = '+OK Success\n';

/** A channel that can be commanded: not after its CHANNEL_HANGUP. */
export function findChannel(core: SwitchCore, uuid: string | undefined): Channel | null {
  const channel = uuid === undefined ? undefined : core.channels.get(uuid);
  return channel && !channel.hungUp ? channel : null;
}
