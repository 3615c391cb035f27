import type { Channel } from './channel.ts';
import type { Timer } from './clock.ts';
import { legAnswered, legEarlyMedia, legHungUp, legRefused, legRinging } from './leg.ts';

/** What a far end does with a call, step by step; `atMs` counts from the INVITE. */
export type LegStep =
  | { readonly atMs: number; readonly do: 'ring' | 'early' | 'answer' | 'hangup' }
  | { readonly atMs: number; readonly do: 'refuse'; readonly status: number; readonly reasonQ850?: number };

/** Runs the steps until the leg is gone. */
export function runLegScript(leg: Channel, script: readonly LegStep[]): void {
  const timers: Timer[] = script.map((step) =>
    leg.core.clock.after(step.atMs, () => {
      if (!leg.hungUp) doStep(leg, step);
    }),
  );
  leg.onGone.push(() => {
    for (const timer of timers) timer.cancel();
  });
}

function doStep(leg: Channel, step: LegStep): void {
  switch (step.do) {
    case 'ring':
      legRinging(leg);
      break;
    case 'early':
      legEarlyMedia(leg);
      break;
    case 'answer':
      legAnswered(leg);
      break;
    case 'hangup':
      legHungUp(leg);
      break;
    case 'refuse':
      legRefused(leg, step.status, step.reasonQ850);
      break;
  }
}
