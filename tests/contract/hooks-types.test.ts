/** What TypeScript accepts of a hook; checked by the compiler (tsconfig.tests.json), run for the rest. */
import { describe, expectTypeOf, it } from 'vitest';
import type {
  ActionHook,
  DecideHook,
  FilterHook,
  Hook,
  HookDeclaration,
  HookName,
  HookTap,
  NotifyHook,
  PluginHooks,
} from '../../core/src/hooks/contract.ts';

declare module '../../core/src/hooks/contract.ts' {
  interface HookCatalog {
    'types:action': ActionHook<{ readonly id: string }>;
    'types:filter': FilterHook<readonly string[]>;
    'types:decide': DecideHook<{ readonly to: string }, 'yes' | 'no'>;
    'types:notify': NotifyHook<number>;
  }
}

type TapOf<N extends HookName> = Parameters<HookTap<N>>[0];

describe('the types of a hook', () => {
  it('give each tap the payload of its hook', () => {
    expectTypeOf<TapOf<'types:action'>>().toEqualTypeOf<{ readonly id: string }>();
    expectTypeOf<TapOf<'types:filter'>>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<TapOf<'types:notify'>>().toEqualTypeOf<number>();
  });

  it('give the caller the result of the kind', () => {
    expectTypeOf<Hook<'types:action'>['run']>().returns.resolves.toEqualTypeOf<void>();
    expectTypeOf<Hook<'types:filter'>['run']>().returns.resolves.toEqualTypeOf<readonly string[]>();
    expectTypeOf<Hook<'types:decide'>['run']>().returns.resolves.toEqualTypeOf<'yes' | 'no' | undefined>();
  });

  it('refuse a tap that returns something else', () => {
    expectTypeOf<() => number>().not.toExtend<HookTap<'types:filter'>>();
    expectTypeOf<() => 'maybe'>().not.toExtend<HookTap<'types:decide'>>();
    expectTypeOf<() => Promise<number>>().not.toExtend<HookTap<'types:action'>>();
    expectTypeOf<() => void>().toExtend<HookTap<'types:filter'>>();
    expectTypeOf<() => Promise<readonly string[]>>().toExtend<HookTap<'types:filter'>>();
    expectTypeOf<() => 'yes' | undefined>().toExtend<HookTap<'types:decide'>>();
  });

  it('hold a declaration to the kind of the catalogue', () => {
    expectTypeOf<HookDeclaration<'types:filter'>['kind']>().toEqualTypeOf<'filter'>();
    expectTypeOf<NonNullable<HookDeclaration<'types:filter'>['check']>>()
      .parameter(0)
      .toEqualTypeOf<readonly string[]>();
  });

  it('know no hook that the catalogue does not name', () => {
    expectTypeOf<'types:unknown'>().not.toExtend<Parameters<PluginHooks['on']>[0]>();
  });
});
