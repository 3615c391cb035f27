import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { Clock } from '../boot/clock.ts';
import { JackfieldError } from '../errors/index.ts';
import type { Circuits } from '../plugins/circuit.ts';
import type { HookKind } from './contract.ts';
import { withDeadline } from './deadline.ts';

/** One call of one tap, for the metrics. */
export interface TapTiming {
  readonly hook: string;
  readonly plugin: string;
  readonly ms: number;
  readonly outcome: 'ok' | 'error' | 'timeout' | 'refused';
}

export interface TapEnvironment {
  /** Is this plugin active in the scope the code stands in? */
  readonly isActive: (pluginId: string) => boolean;
  readonly circuits: Circuits;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly onTiming?: (timing: TapTiming) => void;
}

export interface Tap {
  readonly hook: string;
  readonly plugin: string;
  /** Extension point of this tap, for its circuit. */
  readonly point: string;
  readonly order: number;
  readonly timeoutMs: number;
  readonly fn: (payload: unknown) => unknown;
}

/** The parts of a declaration that decide how a tap is run. */
export interface TapRules {
  readonly kind: HookKind;
  readonly onError: 'isolate' | 'fail';
  readonly check?: (value: unknown) => boolean;
}

class TapTimeout extends Error {}

/**
 * The tap as the hook calls it: tenant gate, circuit, time-out, filter check, error policy. It resolves to
 * what tapable takes as "no opinion" (undefined) when the tap was skipped or its error isolated.
 */
export function guardTap(
  tap: Tap,
  rules: TapRules,
  env: TapEnvironment,
): (payload: unknown) => Promise<unknown> {
  return async (payload) => {
    if (!env.isActive(tap.plugin)) return undefined;
    if (!env.circuits.allows(tap.point)) {
      if (rules.onError === 'isolate') return undefined;
      // A veto that cannot be asked is not consent.
      throw new JackfieldError('PLUGIN_CIRCUIT_OPEN', undefined, {
        details: { plugin: tap.plugin, hook: tap.hook },
      });
    }
    const started = performance.now();
    const done = (outcome: TapTiming['outcome']) =>
      env.onTiming?.({ hook: tap.hook, plugin: tap.plugin, ms: performance.now() - started, outcome });
    try {
      const value = checked(tap, rules, await settle(tap, payload, env.clock));
      done('ok');
      return value;
    } catch (error) {
      const refusal = rules.onError === 'fail' && isRefusal(error);
      done(refusal ? 'refused' : error instanceof TapTimeout ? 'timeout' : 'error');
      // Saying no is what a tap of a `fail` hook is for; it must not open the circuit.
      if (refusal) throw error;
      env.circuits.failed(tap.point, tap.plugin, error);
      const details = { plugin: tap.plugin, hook: tap.hook };
      if (rules.onError === 'isolate') {
        env.log.error(
          { ...details, err: error },
          `Plugin "${tap.plugin}" failed in hook "${tap.hook}"; the others go on`,
        );
        return undefined;
      }
      throw JackfieldError.is(error)
        ? error
        : new JackfieldError('PLUGIN_ERROR', `Plugin "${tap.plugin}" failed in hook "${tap.hook}".`, {
            details,
            cause: error,
          });
    }
  };
}

/** A synchronous tap costs no timer. */
function settle(tap: Tap, payload: unknown, clock: Clock): unknown {
  const value = tap.fn(payload);
  if (!isThenable(value)) return value;
  return withDeadline(
    clock,
    tap.timeoutMs,
    Promise.resolve(value),
    () =>
      new TapTimeout(`Plugin "${tap.plugin}" took longer than ${tap.timeoutMs} ms in hook "${tap.hook}".`),
  );
}

function checked(tap: Tap, rules: TapRules, value: unknown): unknown {
  if (rules.kind !== 'filter' || value === undefined || !rules.check || rules.check(value)) return value;
  throw new Error(`Plugin "${tap.plugin}" returned a value that hook "${tap.hook}" does not accept.`);
}

function isRefusal(error: unknown): boolean {
  return JackfieldError.is(error) && error.status < 500;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
