import type { Prompt } from '../../contract.ts';

type Tone = Extract<Prompt, { kind: 'tone' }>['tone'];

/** One round of each, in milliseconds and FreeSWITCH's notation `%(on,off,hertz)`: the tones of Chinese exchanges. */
const TONES: Readonly<Record<Exclude<Tone, 'silence'>, { readonly ms: number; readonly spec: string }>> = {
  ringback: { ms: 5_000, spec: '%(1000,4000,450)' },
  busy: { ms: 700, spec: '%(350,350,450)' },
  music: {
    ms: 6_400,
    spec: [523, 659, 784, 659, 587, 698, 880, 698].map((hertz) => `%(600,200,${hertz})`).join(';'),
  },
};

/** What the switch plays; one round unless a length is given, so that it can be looped. */
export function toneStream(tone: Tone, ms?: number): string {
  if (tone === 'silence') return `silence_stream://${Math.max(20, Math.round(ms ?? 1_000))}`;
  const { ms: round, spec } = TONES[tone];
  const loops = ms === undefined ? 1 : Math.max(1, Math.ceil(ms / round));
  const quiet = tone === 'music' ? 'v=-18;' : '';
  return `tone_stream://${quiet}${spec}${loops > 1 ? `;loops=${loops}` : ''}`;
}
