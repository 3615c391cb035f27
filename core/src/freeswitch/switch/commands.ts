import { JackfieldError } from '../../errors/index.ts';
import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { ChannelBook } from './channel-book.ts';
import type { HangupCause } from './contract.ts';
import { checkChannelId, checkVariableName, escapeArgument, isChannelId, protectPercent } from './escape.ts';
import { channelApi, execute, type SwitchLink } from './link.ts';
import { callEnded, isHangup } from './proofs.ts';

const done = (proved: boolean): true | undefined => (proved ? true : undefined);

const badRequest = (message: string): JackfieldError => new JackfieldError('BAD_REQUEST', message);

/** Runs `send`, then waits for `proof`; a command that is refused takes its proof with it. */
async function proved<T>(
  proof: { promise: Promise<T>; reject(error: Error): void },
  send: () => Promise<unknown>,
): Promise<T> {
  try {
    await send();
  } catch (error) {
    proof.reject(error as Error);
    throw error;
  }
  return proof.promise;
}

function completes(event: SwitchEvent, id: string): boolean {
  return event.name === 'CHANNEL_EXECUTE_COMPLETE' && event.get('Application-UUID') === id;
}

/** Answers an inbound leg; also settles for one that is answered already. */
export async function answerChannel(link: SwitchLink, uuid: string): Promise<void> {
  const id = link.newId();
  const proof = link.proofs.expect({
    channels: [uuid],
    what: 'the answer',
    test: (event) =>
      done(
        event.uuid === uuid &&
          (event.name === 'CHANNEL_ANSWER' ||
            (completes(event, id) && event.get('Answer-State') === 'answered')),
      ),
  });
  await proved(proof, () => execute(link, uuid, 'answer', '', { id }));
}

export async function ringChannel(link: SwitchLink, uuid: string): Promise<void> {
  const id = link.newId();
  const proof = link.proofs.expect({
    channels: [uuid],
    what: 'ringing',
    test: (event) => done(event.name === 'CHANNEL_PROGRESS' || completes(event, id)),
  });
  await proved(proof, () => execute(link, uuid, 'ring_ready', '', { id }));
}

export async function hangUpChannel(link: SwitchLink, uuid: string, cause: HangupCause): Promise<void> {
  checkChannelId(uuid);
  if (!/^[A-Z][A-Z0-9_]+$/.test(cause)) throw badRequest('This is not a hangup cause.');
  const proof = link.proofs.expect({
    channels: [uuid],
    what: 'the hangup',
    test: (event) => done(isHangup(event) && event.uuid === uuid),
  });
  await proved(proof, () => channelApi(link, uuid, `uuid_kill ${uuid} ${cause}`));
}

/** Any text; null or '' unsets. Stored as it is: `${…}` is not expanded now. */
export async function setChannelVariables(
  link: SwitchLink,
  uuid: string,
  variables: Readonly<Record<string, string | null>>,
): Promise<void> {
  checkChannelId(uuid);
  const commands = Object.entries(variables).map(([name, value]) => {
    const argument = value === null || value === '' ? '' : ` ${escapeArgument(protectPercent(name, value))}`;
    return `uuid_setvar ${uuid} ${checkVariableName(name)}${argument}`;
  });
  // they arrive and run in this order, so there is no need to wait for each
  await Promise.all(commands.map((command) => channelApi(link, uuid, command)));
}

/** The reply of uuid_bridge comes before the bridge exists. */
export async function bridgeChannels(link: SwitchLink, a: string, b: string): Promise<void> {
  checkChannelId(a);
  checkChannelId(b);
  const proof = link.proofs.expect({
    channels: [a, b],
    what: 'the bridge',
    test(event) {
      if (event.name !== 'CHANNEL_BRIDGE') return undefined;
      const legs = [event.uuid, event.get('Bridge-A-Unique-ID'), event.get('Bridge-B-Unique-ID')];
      return done(legs.includes(a) && legs.includes(b));
    },
  });
  await proved(proof, async () => {
    const reply = await link.api(`uuid_bridge ${a} ${b}`);
    if (reply.ok) return;
    for (const uuid of [a, b]) {
      const { text } = await link.api(`uuid_exists ${uuid}`);
      if (text.trim() === 'false') throw callEnded(uuid, null);
    }
    throw new JackfieldError('SWITCH_COMMAND_FAILED', undefined, { details: { reply: reply.text.trim() } });
  });
}

/**
 * `uuid_park` would hang up the partner; a transfer of both legs to `park` keeps them. A leg that is in no bridge (its
 * partner has just hung up) is left as it is.
 */
export async function splitBridge(link: SwitchLink, book: ChannelBook, a: string): Promise<void> {
  checkChannelId(a);
  const partner = book.partnerOf(a) ?? (await askForPartner(link, a));
  if (partner === null) return;
  const left = new Set([a, partner]);
  const proof = link.proofs.expect({
    channels: [...left],
    what: 'both legs parked',
    test(event) {
      if (event.name === 'CHANNEL_PARK') left.delete(event.uuid ?? '');
      // the partner may hang up in this moment: then the leg that is left counts
      if (isHangup(event) && event.uuid === partner) left.delete(partner);
      return done(left.size === 0);
    },
    ended(event) {
      if (event.uuid !== a) return undefined;
      proof.reject(callEnded(a, event.get('Hangup-Cause')));
      return undefined;
    },
  });
  await proved(proof, () => channelApi(link, a, `uuid_transfer ${a} -both 'park' inline`));
}

/** The variable that `uuid_transfer -both` itself goes by, and the only one that is taken away with the bridge. */
async function askForPartner(link: SwitchLink, uuid: string): Promise<string | null> {
  const said = (await channelApi(link, uuid, `uuid_getvar ${uuid} bridge_to`)).trim();
  return said !== '_undef_' && isChannelId(said) ? said : null;
}

export async function sendKeys(link: SwitchLink, uuid: string, digits: string): Promise<void> {
  if (!/^[0-9A-Da-d*#wW]{1,128}(@\d{1,5})?$/.test(digits)) throw badRequest('These are not telephone keys.');
  await channelApi(link, uuid, `uuid_send_dtmf ${checkChannelId(uuid)} ${digits}`);
}

export async function askPhoneToAnswer(link: SwitchLink, uuid: string): Promise<void> {
  await channelApi(link, uuid, `uuid_phone_event ${checkChannelId(uuid)} talk`);
}

/** FreeSWITCH fires nothing when the file is being recorded already: then its `+OK` is all there is. */
const SECOND_START_MS = 2_000;

export async function startRecordingTo(
  link: SwitchLink,
  book: ChannelBook,
  uuid: string,
  path: string,
  { mono = false }: { mono?: boolean } = {},
): Promise<void> {
  const proof = link.proofs.expect({
    channels: [checkChannelId(uuid)],
    what: 'the recording',
    test: (event) => done(event.name === 'RECORD_START' && event.get('Record-File-Path') === path),
  });
  let cancel = (): void => {};
  await proved(proof, async () => {
    await setChannelVariables(link, uuid, { RECORD_STEREO: String(!mono) });
    await channelApi(link, uuid, `uuid_record ${uuid} start ${escapeArgument(path)}`);
    if (book.isRecording(uuid, path)) proof.settle(true);
    else cancel = link.timers.after(SECOND_START_MS, () => proof.settle(true));
  }).finally(() => cancel());
}

export async function stopRecordingTo(link: SwitchLink, uuid: string, path: string): Promise<void> {
  const proof = link.proofs.expect({
    channels: [checkChannelId(uuid)],
    what: 'the end of the recording',
    test: (event) => done(event.name === 'RECORD_STOP' && event.get('Record-File-Path') === path),
  });
  await proved(proof, () => channelApi(link, uuid, `uuid_record ${uuid} stop ${escapeArgument(path)}`));
}

export async function maskRecordingTo(
  link: SwitchLink,
  uuid: string,
  path: string,
  on: boolean,
): Promise<void> {
  const action = on ? 'mask' : 'unmask';
  await channelApi(link, uuid, `uuid_record ${checkChannelId(uuid)} ${action} ${escapeArgument(path)}`);
}

/** Moves the channel, and its partner if it is in a bridge, into a room; without a profile into `@default`. */
export async function joinConference(link: SwitchLink, uuid: string, room: string): Promise<void> {
  if (!/^[\w.-]{1,100}(@[\w.-]{1,50})?$/.test(room)) throw badRequest('This is not a name for a conference.');
  const place = room.includes('@') ? room : `${room}@default`;
  const proof = link.proofs.expect({
    channels: [checkChannelId(uuid)],
    what: 'the conference',
    test: (event) =>
      done(
        event.subclass === 'conference::maintenance' &&
          event.get('Action') === 'add-member' &&
          event.uuid === uuid,
      ),
  });
  await proved(proof, () =>
    channelApi(link, uuid, `uuid_transfer ${uuid} -both 'conference:${place}' inline`),
  );
}

/** `sofia_contact` knows what can be called; the table of `show registrations` keeps phones that are gone. */
export async function phoneIsRegistered(link: SwitchLink, user: string, domain: string): Promise<boolean> {
  if (!/^[\w.+-]{1,100}$/.test(user) || !/^[\w.:[\]-]{1,200}$/.test(domain)) {
    throw badRequest('This is not a user of a domain.');
  }
  const { text, ok } = await link.api(`sofia_contact ${user}@${domain}`);
  return ok && text.trim() !== '' && !text.startsWith('error/');
}
