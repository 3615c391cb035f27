/**
 * The scripted trunk: the last two digits of the dialled number decide what the far end does.
 *
 * | ends in | far end |
 * |---|---|
 * | 01 | rings, then busy (486 → USER_BUSY) after 1 s |
 * | 02 | rings and never answers |
 * | 03 | rings, answers after 3 s |
 * | 04 | answering machine: answers after 2 s, speaks 3 s, beeps 1 s, then listens |
 * | 05 | rings, then declines (603 → CALL_REJECTED) after 1 s |
 * | 06 | unallocated number (404) |
 * | 07 | early media (183), then busy after 2 s |
 * | 08 | congestion (503 → NORMAL_TEMPORARY_FAILURE) |
 * | 09 | answers after 1 s and hangs up 5 s later |
 * | 10 | early media (183) at once, answers after 3 s |
 * | other | rings, answers after 1 s, never hangs up |
 */
import type { Channel } from './channel.ts';
import type { FarEnd } from './far-end.ts';
import { type LegStep, runLegScript } from './leg-script.ts';
import { voiceHz } from './voice.ts';

const RING_MS = 60;
const REFUSE_MS = 1000;

const scripts: Record<string, readonly LegStep[]> = {
  '01': [
    { atMs: RING_MS, do: 'ring' },
    { atMs: REFUSE_MS, do: 'refuse', status: 486 },
  ],
  '02': [{ atMs: RING_MS, do: 'ring' }],
  '03': [
    { atMs: RING_MS, do: 'ring' },
    { atMs: 3000, do: 'answer' },
  ],
  '04': [
    { atMs: RING_MS, do: 'ring' },
    { atMs: 2000, do: 'answer' },
  ],
  '05': [
    { atMs: RING_MS, do: 'ring' },
    { atMs: REFUSE_MS, do: 'refuse', status: 603 },
  ],
  '06': [{ atMs: RING_MS, do: 'refuse', status: 404 }],
  '07': [
    { atMs: RING_MS, do: 'early' },
    { atMs: 2000, do: 'refuse', status: 486 },
  ],
  '08': [{ atMs: RING_MS, do: 'refuse', status: 503 }],
  '09': [
    { atMs: RING_MS, do: 'ring' },
    { atMs: 1000, do: 'answer' },
    { atMs: 6000, do: 'hangup' },
  ],
  '10': [
    { atMs: RING_MS, do: 'early' },
    { atMs: 3000, do: 'answer' },
  ],
};

const answers: readonly LegStep[] = [
  { atMs: RING_MS, do: 'ring' },
  { atMs: 1000, do: 'answer' },
];

/** How the answering machine (…04) sounds, in milliseconds after it has answered. */
export const answeringMachine = { greetingMs: 3000, beepMs: 1000, beepHz: 1400 } as const;

export interface TrunkOptions {
  /** Names of the gateways; anything goes when left out. */
  readonly gateways?: readonly string[];
  /** Gateways whose far end does not exist: NORMAL_TEMPORARY_FAILURE. */
  readonly deadGateways?: readonly string[];
  /** Overrides the table above. */
  readonly script?: (number: string, gateway: string) => readonly LegStep[] | null;
  /** Whether a machine answers at a number, and how long it greets. Default: …04, 3 s. */
  readonly machine?: (number: string) => { readonly greetingMs: number } | null;
}

export class Trunk {
  readonly #options: TrunkOptions;

  constructor(options: TrunkOptions = {}) {
    this.#options = options;
  }

  hasGateway(name: string): boolean {
    const { gateways, deadGateways = [] } = this.#options;
    return name !== '' && (!gateways || gateways.includes(name) || deadGateways.includes(name));
  }

  get gateways(): readonly string[] {
    return this.#options.gateways ?? [];
  }

  farEnd(gateway: string, number: string): FarEnd {
    if (this.#options.deadGateways?.includes(gateway)) return this.unreachable(number);
    const script = this.#options.script?.(number, gateway) ?? scripts[number.slice(-2)] ?? answers;
    const isMachine = this.#options.machine ?? ((n: string) => (n.endsWith('04') ? answeringMachine : null));
    return new TrunkParty(number, script, isMachine(number)?.greetingMs ?? null);
  }

  /** An address at which nobody is: refused as soon as ICMP says so. */
  unreachable(address: string): FarEnd {
    return new TrunkParty(address, [{ atMs: 20, do: 'refuse', status: 503 }], null);
  }
}

class TrunkParty implements FarEnd {
  readonly label: string;
  readonly toneHz: number;
  readonly #script: readonly LegStep[];
  readonly #greetingMs: number | null;
  readonly beepAtMs?: number;

  constructor(number: string, script: readonly LegStep[], greetingMs: number | null) {
    this.label = number;
    this.toneHz = voiceHz(number);
    this.#script = script;
    this.#greetingMs = greetingMs;
    if (greetingMs !== null) this.beepAtMs = greetingMs;
  }

  ring(leg: Channel): void {
    runLegScript(leg, this.#script);
  }

  ended(): void {}

  toneAt(_leg: Channel, sinceAnswerMs: number): number {
    const greetingMs = this.#greetingMs;
    if (greetingMs === null) return this.toneHz;
    const { beepMs, beepHz } = answeringMachine;
    if (sinceAnswerMs < greetingMs) return this.toneHz;
    return sinceAnswerMs < greetingMs + beepMs ? beepHz : 0;
  }
}
