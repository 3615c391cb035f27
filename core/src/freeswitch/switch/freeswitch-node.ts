import { randomUUID } from 'node:crypto';
import { type Log, silentLog } from '../event-socket/log.ts';
import { ChannelBook } from './channel-book.ts';
import { clearChannel } from './clear-channel.ts';
import { collectDigits } from './collect.ts';
import {
  answerChannel,
  askPhoneToAnswer,
  bridgeChannels,
  hangUpChannel,
  joinConference,
  maskRecordingTo,
  phoneIsRegistered,
  ringChannel,
  sendKeys,
  setChannelVariables,
  splitBridge,
  startRecordingTo,
  stopRecordingTo,
} from './commands.ts';
import type {
  ChannelId,
  CollectRequest,
  HangupCause,
  OriginateRequest,
  Switch,
  SwitchListener,
  SwitchState,
  Undo,
} from './contract.ts';
import { EventIntake } from './event-intake.ts';
import type { SwitchLink } from './link.ts';
import { Listeners } from './listeners.ts';
import { MediaQueue } from './media-queue.ts';
import { NodeConnection, type NodeConnectionOptions, unreachable } from './node-connection.ts';
import { eavesdropOn, originateLeg } from './originate.ts';
import { type PlayOptions, playback } from './playback.ts';
import { ProofBook } from './proofs.ts';
import { deleteReceipt } from './receipts.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface FreeswitchNodeOptions extends NodeConnectionOptions {
  readonly log?: Log;
  readonly timers?: Timers;
  /** Milliseconds between two periodic resyncs. Default 30,000. */
  readonly resyncEveryMs?: number;
}

/**
 * One FreeSWITCH over the event socket; `contract.ts` says what its methods promise. Here the parts are put together:
 * the connection and its life, what is heard on it, the queues of prompts, and the commands.
 */
export class FreeswitchNode implements Switch {
  readonly nodeId: string;
  private readonly listeners: Listeners;
  private readonly connection: NodeConnection;
  private readonly link: SwitchLink;
  private readonly media: MediaQueue;
  private readonly book = new ChannelBook();

  constructor(options: FreeswitchNodeOptions) {
    const { nodeId, log = silentLog, timers = systemTimers } = options;
    this.nodeId = nodeId;
    this.listeners = new Listeners(nodeId, log);
    this.connection = new NodeConnection(options, log, timers, {
      attached: () => intake.attached(),
      received: (event) => intake.receive(event),
      enter: (socket, gap) => intake.enter(socket, gap),
      lost: (error) => {
        intake.lost(error);
        this.media.rejectAll(error);
      },
      stateChanged: (state) => this.listeners.tell((listener) => listener.onState(state)),
    });
    const { connection } = this;
    this.link = {
      proofs: new ProofBook(timers),
      timers,
      newId: randomUUID,
      api: (command) => connection.send((socket) => socket.api(command)),
      async job(command) {
        const text = await connection.job(command);
        await intake.upToDate();
        return text;
      },
      sendmsg: (uuid, headers) => connection.send((socket) => socket.sendmsg(uuid, headers)),
    };
    this.media = new MediaQueue(this.link);
    const intake = new EventIntake({
      nodeId,
      log,
      link: this.link,
      connection,
      book: this.book,
      listeners: this.listeners,
      resyncEveryMs: options.resyncEveryMs ?? 30_000,
      maxHeld: options.maxBufferedEvents ?? 20_000,
    });
  }

  get state(): SwitchState {
    return this.connection.state;
  }

  start(): void {
    this.connection.start();
  }

  stop(): Promise<void> {
    return this.connection.stop();
  }

  listen(listener: SwitchListener): Undo {
    return this.listeners.add(listener);
  }

  readonly answer = this.command(answerChannel);
  readonly ringing = this.command(ringChannel);
  readonly hangup = this.command((link, uuid: ChannelId, cause: HangupCause = 'NORMAL_CLEARING') =>
    hangUpChannel(link, uuid, cause),
  );
  readonly setVariables = this.command(setChannelVariables);
  readonly originate = this.command((link, request: OriginateRequest) => originateLeg(link, request));
  readonly bridge = this.command(bridgeChannels);
  readonly unbridge = this.command((link, a: ChannelId) => splitBridge(link, this.book, a));
  readonly play = this.command(
    (link, uuid: ChannelId, prompts: readonly string[], options: PlayOptions = {}) =>
      this.media.run(uuid, playback(link, uuid, prompts, options)),
  );
  readonly collect = this.command((link, uuid: ChannelId, request: CollectRequest) =>
    this.media.run(uuid, collectDigits(link, uuid, request)),
  );
  readonly stopMedia = this.command((_link, uuid: ChannelId) => this.media.stop(uuid));
  readonly clearMedia = this.command(clearChannel);
  readonly sendDigits = this.command(sendKeys);
  readonly pickUp = this.command(askPhoneToAnswer);
  readonly startRecording = this.command(
    (link, uuid: ChannelId, path: string, options?: { mono?: boolean }) =>
      startRecordingTo(link, this.book, uuid, path, options),
  );
  readonly stopRecording = this.command(stopRecordingTo);
  readonly maskRecording = this.command(maskRecordingTo);
  readonly eavesdrop = this.command(eavesdropOn);
  readonly conference = this.command(joinConference);
  readonly isRegistered = this.command(phoneIsRegistered);
  readonly api = this.command(async (link, command: string) => (await link.api(command)).text);

  forgetReceipt(uuid: ChannelId): void {
    // a receipt that is not forgotten now comes again with the next resync
    if (this.state.state === 'connected') this.link.api(deleteReceipt(uuid)).catch(() => {});
  }

  /** A command for whoever has the node: refused while it is not connected. */
  private command<Args extends unknown[], Result>(
    work: (link: SwitchLink, ...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result> {
    return async (...args) => {
      if (this.state.state !== 'connected') throw unreachable('not connected');
      return work(this.link, ...args);
    };
  }
}
