import type { ApplicationRegistry } from '../application.ts';
import type { Channel } from '../channel.ts';
import { Connection } from '../connection.ts';
import { splitWords } from '../dial-string.ts';
import { runMessage, runMessages } from '../execute.ts';
import { OutboundMode } from '../outbound-mode.ts';
import { park } from '../park.ts';

const DEFAULT_PORT = 8084;

/** `socket host[:port] [async] [full]`: FreeSWITCH goes to the application, which then controls this one channel. */
export function addSocketApplication(registry: ApplicationRegistry): void {
  registry.add('socket', connectTo, { withoutMedia: true });
}

async function connectTo(channel: Channel, arg: string): Promise<void> {
  const { core } = channel;
  const [address = '', ...words] = splitWords(arg);
  const { host, port } = splitAddress(address);
  if (host === '') return;
  channel.set('socket_host', host);
  const options = { async: words.includes('async'), full: words.includes('full') };
  const connection = await core.options.dialOut(
    host,
    port,
    (transport) => new Connection(core, transport, (own) => new OutboundMode(own, channel, options)),
  );
  // nobody listens: the dialplan goes on
  if (!connection) return;
  if (options.async) await parkUnder(channel, connection);
  else await serve(channel, connection);
}

/** Async: the channel parks, and takes commands as any parked channel does. */
async function parkUnder(channel: Channel, connection: Connection<OutboundMode>): Promise<void> {
  const { mode } = connection;
  channel.onGone.push(() => mode.channelDown());
  while (channel.ready && !connection.closed && !mode.connected) await channel.idle();
  // also when the client has left without `connect`: then nobody ends this park (seen on 1.11.2)
  await park(channel);
  await runMessages(channel);
  if (channel.state === 'CS_RESET') channel.setState('CS_EXECUTE');
}

/** Sync: the channel's thread does one command after the other for as long as the socket is open. */
async function serve(channel: Channel, connection: Connection<OutboundMode>): Promise<void> {
  const { mode } = connection;
  while (!connection.closed) {
    const { pending } = mode;
    if (pending) {
      mode.pending = null;
      await runMessage(channel, pending.message);
      pending.done();
    } else {
      if (channel.hungUp) mode.channelDown();
      await channel.idle();
    }
  }
}

function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  if (colon < 0) return { host: address, port: DEFAULT_PORT };
  return { host: address.slice(0, colon), port: Number.parseInt(address.slice(colon + 1), 10) || 0 };
}
