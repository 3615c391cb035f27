/**
 * The hook contract.
 *
 * Who calls: the plugin that declared the hook, at the moment its name says. Who is called: taps, in order
 *   of their band (−100 early … 0 … 100 late), then in plugin order.
 * Kinds: `action` one after the other · `filter` each gets what the former returned (undefined keeps it) ·
 *   `decide` the first that returns something other than undefined ends it · `notify` all at once.
 * May fail: a tap that throws or exceeds its time. `isolate`: logged, counted, the others go on. `fail`: the
 *   caller gets the error. Twenty errors in 60 s at one tap open its circuit for five minutes.
 * Tenant: a tap of a plugin that is not active in the scope is skipped.
 * After a crash: nothing; a hook is not stored. What must survive is an event (see events/contract.ts).
 */
import type { CoreHooks } from './core-hooks.ts';

export type HookKind = 'action' | 'filter' | 'decide' | 'notify';

/**
 * All hooks by name; plugins add theirs by declaration merging:
 * `declare module '@jackfield/core/sdk' { interface HookCatalog { 'call:ended': ActionHook<CallEnded> } }`
 */
export interface HookCatalog extends CoreHooks {}

export interface ActionHook<P> {
  readonly kind: 'action';
  readonly payload: P;
  readonly result: void;
}
export interface FilterHook<P> {
  readonly kind: 'filter';
  readonly payload: P;
  readonly result: P;
}
export interface DecideHook<P, R> {
  readonly kind: 'decide';
  readonly payload: P;
  readonly result: R | undefined;
}
export interface NotifyHook<P> {
  readonly kind: 'notify';
  readonly payload: P;
  readonly result: void;
}
export type AnyHook = { readonly kind: HookKind; readonly payload: unknown; readonly result: unknown };

export type HookName = keyof HookCatalog & string;
export type PayloadOf<N extends HookName> = HookCatalog[N] extends { payload: infer P } ? P : never;
export type ResultOf<N extends HookName> = HookCatalog[N] extends { result: infer R } ? R : never;
export type KindOf<N extends HookName> = HookCatalog[N] extends { kind: infer K } ? K : never;

export type HookTap<N extends HookName> = (payload: PayloadOf<N>) => TapReturn<N> | Promise<TapReturn<N>>;
type TapReturn<N extends HookName> =
  KindOf<N> extends 'filter'
    ? PayloadOf<N> | undefined | void
    : KindOf<N> extends 'decide'
      ? ResultOf<N> | void
      : void;

export interface TapOptions {
  /** −100 early, 0, 100 late. */
  readonly order?: number;
  /** 5,000 ms unless given. */
  readonly timeoutMs?: number;
}
export interface HookDeclaration<N extends HookName> {
  readonly kind: KindOf<N>;
  /** `isolate` unless given, `fail` for `decide`. */
  readonly onError?: 'isolate' | 'fail';
  /** Shown in the generated hook reference. */
  readonly description: string;
  /** For `filter`: checks what a tap returned before the next one gets it. */
  readonly check?: (value: PayloadOf<N>) => boolean;
}
export interface Hook<N extends HookName> {
  run(payload: PayloadOf<N>): Promise<ResultOf<N>>;
  /** False when nobody taps it: lets a hot path skip building the payload. */
  isUsed(): boolean;
}
export interface PluginHooks {
  declare<N extends HookName>(name: N, declaration: HookDeclaration<N>): Hook<N>;
  on<N extends HookName>(name: N, tap: HookTap<N>, options?: TapOptions): () => void;
}
