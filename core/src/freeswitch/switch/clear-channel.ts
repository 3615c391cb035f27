import { STOP_KEY } from './collect.ts';
import { checkChannelId } from './escape.ts';
import { channelApi, type SwitchLink } from './link.ts';

/** Long enough for a prompt or a waiting for keys to notice its end; nothing tells that there was none. */
const NOTICE_MS = 300;
const APPLICATIONS: ReadonlySet<string> = new Set(['playback', 'play_and_get_digits']);

/**
 * Ends what nobody here has begun. A command that is sent while the waiting for keys of a dead server still runs is
 * queued behind it, for as long as that one waits: the caller would hear nothing. A break ends the prompt, a key the
 * waiting behind it; if there was no waiting the key is forgotten again, with whatever the caller has typed.
 * @throws JackfieldError CALL_ENDED, SWITCH_COMMAND_FAILED
 */
export async function clearChannel(link: SwitchLink, uuid: string): Promise<void> {
  checkChannelId(uuid);
  const noticed = link.proofs.expect<boolean>({
    channels: [uuid],
    what: 'the end of what was playing',
    timeoutMs: 0,
    test: (event) =>
      event.name === 'CHANNEL_EXECUTE_COMPLETE' && APPLICATIONS.has(event.get('Application') ?? '')
        ? true
        : undefined,
    ended: () => false,
  });
  const cancel = link.timers.after(NOTICE_MS, () => noticed.settle(false));
  try {
    await Promise.all([
      channelApi(link, uuid, `uuid_break ${uuid} all`),
      channelApi(link, uuid, `uuid_recv_dtmf ${uuid} ${STOP_KEY}`),
    ]);
    await noticed.promise;
    await channelApi(link, uuid, `uuid_flush_dtmf ${uuid}`);
  } finally {
    cancel();
    noticed.settle(false);
  }
}
