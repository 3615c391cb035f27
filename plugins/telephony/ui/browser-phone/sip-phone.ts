import { UA, WebSocketInterface } from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { IncomingRequest } from 'jssip/lib/SIPMessage';
import type { RTCSessionEvent } from 'jssip/lib/UA';
import type { BrowserPhoneAccount } from '../../contract.ts';
import { audioChoice, microphoneConstraints, playAt } from './audio-devices.ts';

/** Candidates of a machine with many networks may take a minute to gather; the switch needs only one that works. */
const GATHER_MS = 500;

export interface SipPhoneEvents {
  /** `refused`: the switch does not accept the password. */
  onLine(line: 'connecting' | 'registered' | 'refused'): void;
  /** Legs in this page changed: one rings, is up, is muted or is over. */
  onLegs(legs: readonly PageLeg[]): void;
}
export interface PageLeg {
  /** As the server knows it. */
  readonly legId: string;
  readonly state: 'ringing' | 'up';
  readonly muted: boolean;
}

/** A SIP user agent over WebSocket. It takes calls and makes none: the server rings it for those, too. */
export interface SipPhone {
  /** The next registration uses this password. */
  renew(account: BrowserPhoneAccount): void;
  register(): void;
  /** Resolves when the two hear each other; rejects with the cause, such as `User Denied Media Access`. */
  answer(legId: string): Promise<void>;
  hangUp(legId: string): void;
  mute(legId: string, on: boolean): void;
  /** Hangs up, unregisters, closes. */
  stop(): void;
}

interface Held {
  readonly session: RTCSession;
  readonly audio: HTMLAudioElement;
}

export function createSipPhone(account: BrowserPhoneAccount, events: SipPhoneEvents): SipPhone {
  const sessions = new Map<string, Held>();
  const socket = new WebSocketInterface(`${location.origin.replace(/^http/, 'ws')}${account.socket}`);
  // The server ends TLS: what the switch sees is a plain WebSocket.
  socket.via_transport = 'WS';
  const agent = new UA({
    sockets: [socket],
    uri: `sip:${account.user}@${account.domain}`,
    password: account.password,
    register: true,
    user_agent: 'Jackfield',
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 10,
  });

  const tell = () =>
    events.onLegs(
      [...sessions].map(([legId, { session }]) => ({
        legId,
        state: session.isEstablished() ? 'up' : 'ringing',
        muted: session.isMuted().audio ?? false,
      })),
    );

  agent.on('connecting', () => events.onLine('connecting'));
  agent.on('disconnected', () => events.onLine('connecting'));
  agent.on('registered', () => events.onLine('registered'));
  agent.on('unregistered', () => events.onLine('connecting'));
  agent.on('registrationFailed', ({ response }) => {
    const isRefused = [401, 403, 407].includes(response?.status_code ?? 0);
    events.onLine(isRefused ? 'refused' : 'connecting');
  });
  agent.on('newRTCSession', ({ session, request }: RTCSessionEvent) => {
    if (session.direction !== 'incoming') return;
    take(session, request as IncomingRequest);
  });

  function take(session: RTCSession, request: IncomingRequest): void {
    const legId = request.getHeader('X-Jackfield-Leg') ?? '';
    const audio = new Audio();
    audio.autoplay = true;
    void playAt(audio, audioChoice.speaker);
    sessions.set(legId, { session, audio });
    const over = () => {
      if (sessions.get(legId)?.session !== session) return;
      sessions.delete(legId);
      audio.srcObject = null;
      tell();
    };
    session.on('peerconnection', ({ peerconnection }) => {
      peerconnection.addEventListener('track', ({ streams, track }) => {
        audio.srcObject = streams[0] ?? new MediaStream([track]);
      });
    });
    session.on('icecandidate', ({ ready }) => void setTimeout(ready, GATHER_MS));
    session.on('confirmed', tell).on('muted', tell).on('unmuted', tell);
    session.on('ended', over).on('failed', over);
    tell();
    // His own call, which he began with a click: the switch asks to pick up at once.
    if (/answer-after=0/.test(request.getHeader('Call-Info') ?? '')) answer(legId).catch(over);
  }

  function answer(legId: string): Promise<void> {
    const session = sessions.get(legId)?.session;
    if (!session) return Promise.reject(new Error('Canceled'));
    return new Promise((resolve, reject) => {
      session.on('confirmed', () => resolve());
      session.on('failed', ({ cause }) => reject(new Error(cause)));
      session.answer({
        mediaConstraints: { audio: microphoneConstraints(), video: false },
        pcConfig: { iceServers: [] },
      });
    });
  }

  agent.start();
  return {
    renew({ password }) {
      agent.set('password', password);
    },
    register: () => agent.register(),
    answer,
    hangUp(legId) {
      const session = sessions.get(legId)?.session;
      if (session && !session.isEnded())
        session.terminate(session.isEstablished() ? {} : { status_code: 603 });
    },
    mute(legId, on) {
      const session = sessions.get(legId)?.session;
      if (on) session?.mute({ audio: true });
      else session?.unmute({ audio: true });
    },
    stop: () => agent.stop(),
  };
}
