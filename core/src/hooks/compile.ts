import { AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable';
import type { HookKind } from './contract.ts';

export interface CompiledTap {
  readonly plugin: string;
  readonly order: number;
  readonly call: (payload: unknown) => Promise<unknown>;
}

function tapableOf(kind: HookKind) {
  switch (kind) {
    case 'action':
      return new AsyncSeriesHook<[unknown]>(['payload']);
    case 'filter':
      return new AsyncSeriesWaterfallHook<[unknown], unknown>(['payload']);
    case 'decide':
      return new AsyncSeriesBailHook<[unknown], unknown>(['payload']);
    case 'notify':
      return new AsyncParallelHook<[unknown]>(['payload']);
  }
}

/**
 * tapable orders the taps (by stage, then by insertion) and generates the code that runs them. It cannot
 * take a tap out again, so a changed set of taps is compiled anew; that happens at start and at quarantine.
 */
export function compileHook(
  kind: HookKind,
  taps: readonly CompiledTap[],
): (payload: unknown) => Promise<unknown> {
  const hook = tapableOf(kind);
  for (const tap of taps)
    hook.tapPromise({ name: tap.plugin, stage: tap.order }, tap.call as (payload: unknown) => Promise<void>);
  return (payload) => hook.promise(payload);
}
