/** A virtual phone: how it takes a call. */
import type { Channel } from './channel.ts';
import type { FarEnd } from './far-end.ts';
import { legAnswered, legHold } from './leg.ts';
import { type LegStep, runLegScript } from './leg-script.ts';
import { voiceHz } from './voice.ts';

/**
 * `manual`: rings until somebody answers or rejects it · `busy`: 486 · `reject`: 603 · `noanswer`: rings for ever ·
 * `gone`: registered, but not there any more · `answerAfterMs`: picks up by itself · `script`: anything else
 */
export type PhoneBehaviour =
  | 'manual'
  | 'busy'
  | 'reject'
  | 'noanswer'
  | 'gone'
  | { readonly answerAfterMs: number }
  | { readonly script: readonly LegStep[] };

const RING_MS = 40;
const REFUSE_MS = 360;
const AUTO_ANSWER_MS = 120;
const GONE_MS = 1000;

export class Phone implements FarEnd {
  readonly user: string;
  readonly domain: string;
  readonly contact: string;
  readonly host: string;
  readonly port: number;
  readonly toneHz: number;
  readonly callId: string;
  readonly expiresSec: number;
  /** Epoch second in which the registration ends. */
  readonly expiresAt: number;
  behaviour: PhoneBehaviour;
  /** Legs that ring or talk at this phone, oldest first. */
  readonly legs = new Set<Channel>();

  constructor(init: {
    user: string;
    domain: string;
    host: string;
    port: number;
    behaviour: PhoneBehaviour;
    callId: string;
    expiresSec: number;
    expiresAt: number;
  }) {
    this.user = init.user;
    this.domain = init.domain;
    this.host = init.host;
    this.port = init.port;
    this.contact = `${init.user}@127.0.0.1:${init.port}`;
    this.toneHz = voiceHz(`${init.user}@${init.domain}`);
    this.behaviour = init.behaviour;
    this.callId = init.callId;
    this.expiresSec = init.expiresSec;
    this.expiresAt = init.expiresAt;
  }

  get label(): string {
    return `${this.user}@${this.domain}`;
  }

  ring(leg: Channel): void {
    this.legs.add(leg);
    leg.onGone.push(() => this.legs.delete(leg));
    // Phones that know `Call-Info: answer-after=0` pick up by themselves; a virtual one does.
    const autoAnswer = this.behaviour === 'manual' && leg.get('sip_auto_answer') === 'true';
    runLegScript(leg, scriptOf(autoAnswer ? { answerAfterMs: AUTO_ANSWER_MS } : this.behaviour));
  }

  ended(leg: Channel): void {
    this.legs.delete(leg);
  }

  /** NOTIFY `talk` answers or resumes, `hold` holds: as phones that support it do. */
  phoneEvent(leg: Channel, event: string): void {
    if (event === 'talk') {
      if (leg.answered) legHold(leg, false);
      else legAnswered(leg);
    } else if (event === 'hold') {
      legHold(leg, true);
    }
  }
}

function scriptOf(behaviour: PhoneBehaviour): readonly LegStep[] {
  const ring: LegStep = { atMs: RING_MS, do: 'ring' };
  if (typeof behaviour === 'object') {
    if ('script' in behaviour) return behaviour.script;
    const atMs = behaviour.answerAfterMs;
    return [
      { atMs: Math.min(RING_MS, atMs), do: 'ring' },
      { atMs, do: 'answer' },
    ];
  }
  switch (behaviour) {
    case 'busy':
      return [ring, { atMs: REFUSE_MS, do: 'refuse', status: 486 }];
    case 'reject':
      return [ring, { atMs: REFUSE_MS, do: 'refuse', status: 603 }];
    case 'gone':
      return [{ atMs: GONE_MS, do: 'refuse', status: 503 }];
    default:
      return [ring];
  }
}

/** `auto-answer-ms | manual | busy | reject | noanswer | gone`, as `jackfield phone register` takes it. */
export function parseBehaviour(word: string | undefined): PhoneBehaviour | null {
  if (word === undefined || word === '' || word === 'manual') return 'manual';
  if (word === 'busy' || word === 'reject' || word === 'noanswer' || word === 'gone') return word;
  return /^\d+$/.test(word) ? { answerAfterMs: Number(word) } : null;
}
