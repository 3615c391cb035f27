import { JackfieldError } from '../errors/index.ts';
import { compileHook } from './compile.ts';
import type { Hook, HookKind, HookName, PluginHooks } from './contract.ts';
import { guardTap, type Tap, type TapEnvironment, type TapRules } from './tap-runner.ts';

const DEFAULT_TIMEOUT_MS = 5_000;

interface Declared extends TapRules {
  readonly name: string;
  readonly plugin: string;
  readonly description: string;
}
interface Slot {
  declared: Declared | null;
  taps: Tap[];
  /** Null when the taps have changed since it was made. */
  run: ((payload: unknown) => Promise<unknown>) | null;
}

/** One line of the generated hook reference. */
export interface HookDescription {
  readonly name: string;
  readonly kind: HookKind;
  readonly plugin: string;
  readonly description: string;
  readonly onError: 'isolate' | 'fail';
  readonly taps: readonly { readonly plugin: string; readonly order: number }[];
}
/** A tap on a hook that nobody declared. */
export interface UnknownHook {
  readonly plugin: string;
  readonly hook: string;
}

export interface HookRegistry {
  /** What a plugin (or the core, as `core`) gets. `book` keeps the undo of each registration. */
  forPlugin(pluginId: string, book: (undo: () => void) => () => void): PluginHooks;
  /**
   * No declaration and no tap after this. Returns the taps on hooks that do not exist; a hook in `dormant`
   * is one that an installed plugin would declare if it were running, and a tap on it just stays silent.
   */
  freeze(dormant: ReadonlySet<string>): UnknownHook[];
  describe(): HookDescription[];
}

export function createHooks(env: TapEnvironment): HookRegistry {
  const slots = new Map<string, Slot>();
  let frozen = false;

  const slotOf = (name: string): Slot => {
    const slot = slots.get(name) ?? { declared: null, taps: [], run: null };
    slots.set(name, slot);
    return slot;
  };

  function refuseWhenFrozen(pluginId: string, what: string): void {
    if (!frozen) return;
    throw new JackfieldError('PLUGIN_INVALID', `Plugin "${pluginId}" may ${what} only in setup.`, {
      details: { plugin: pluginId },
    });
  }

  function declare(declared: Declared): () => void {
    const slot = slotOf(declared.name);
    if (slot.declared) {
      throw new JackfieldError(
        'PLUGIN_INVALID',
        `Hook "${declared.name}" is declared by "${slot.declared.plugin}" already.`,
        {
          details: { hook: declared.name, plugin: declared.plugin },
        },
      );
    }
    slot.declared = declared;
    slot.run = null;
    return () => {
      slot.declared = null;
      slot.run = null;
    };
  }

  function run(name: string, payload: unknown): Promise<unknown> {
    const slot = slotOf(name);
    const rules = slot.declared;
    if (!rules || slot.taps.length === 0)
      return Promise.resolve(rules?.kind === 'filter' ? payload : undefined);
    slot.run ??= compileHook(
      rules.kind,
      slot.taps.map((tap) => ({ plugin: tap.plugin, order: tap.order, call: guardTap(tap, rules, env) })),
    );
    return slot.run(payload);
  }

  function tapInto(tap: Omit<Tap, 'point'>): () => void {
    const slot = slotOf(tap.hook);
    const same = slot.taps.filter((other) => other.plugin === tap.plugin).length;
    const entry: Tap = { ...tap, point: `hook:${tap.hook}#${tap.plugin}${same > 0 ? `/${same + 1}` : ''}` };
    slot.taps.push(entry);
    slot.run = null;
    return () => {
      slot.taps = slot.taps.filter((other) => other !== entry);
      slot.run = null;
    };
  }

  return {
    forPlugin: (pluginId, book) => ({
      declare(name, declaration) {
        refuseWhenFrozen(pluginId, `declare hook "${name}"`);
        const undo = declare({
          name,
          plugin: pluginId,
          kind: declaration.kind as HookKind,
          description: declaration.description,
          onError: declaration.onError ?? (declaration.kind === 'decide' ? 'fail' : 'isolate'),
          ...(declaration.check ? { check: declaration.check as (value: unknown) => boolean } : {}),
        });
        book(undo);
        return hookHandle(name);
      },
      on(name, tap, options = {}) {
        refuseWhenFrozen(pluginId, `tap hook "${name}"`);
        return book(
          tapInto({
            hook: name,
            plugin: pluginId,
            order: options.order ?? 0,
            timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
            fn: tap as (payload: unknown) => unknown,
          }),
        );
      },
    }),
    freeze(dormant) {
      frozen = true;
      return [...slots]
        .filter(([name, slot]) => !slot.declared && !dormant.has(name))
        .flatMap(([hook, slot]) => slot.taps.map(({ plugin }) => ({ plugin, hook })));
    },
    describe() {
      return [...slots]
        .flatMap(([name, { declared, taps }]) =>
          declared
            ? [
                {
                  name,
                  kind: declared.kind,
                  plugin: declared.plugin,
                  description: declared.description,
                  onError: declared.onError,
                  taps: taps
                    .map(({ plugin, order }) => ({ plugin, order }))
                    .sort((a, b) => a.order - b.order),
                },
              ]
            : [],
        )
        .sort((a, b) => a.name.localeCompare(b.name));
    },
  };

  function hookHandle<N extends HookName>(name: N): Hook<N> {
    return {
      run: (payload) => run(name, payload) as ReturnType<Hook<N>['run']>,
      isUsed: () => (slots.get(name)?.taps.length ?? 0) > 0,
    };
  }
}
