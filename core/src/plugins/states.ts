/**
 * The state of every plugin, and quarantine: a plugin that fails a step is taken out with all it has
 * registered, together with those that require it, and the others go on.
 */
import type { Logger } from 'pino';
import { JackfieldError } from '../errors/index.ts';
import type { PluginIdentity } from './identity.ts';
import type { UndoBook } from './undo-book.ts';

export type PluginStep =
  | 'discover'
  | 'verify'
  | 'order'
  | 'import'
  | 'entities'
  | 'migrate'
  | 'setup'
  | 'start'
  | 'run';
/**
 * `idle`: installed, but not loaded by processes of this role. The rest is the way up, in order; `quarantined`
 * can follow any of them.
 */
export type PluginState =
  | 'discovered'
  | 'idle'
  | 'loaded'
  | 'migrated'
  | 'ready'
  | 'started'
  | 'stopped'
  | 'quarantined';

export interface PluginFailure {
  readonly step: PluginStep;
  /** For the operator; names the plugin it depends on, the file, the key. */
  readonly reason: string;
}
export interface PluginStatus {
  readonly id: string;
  readonly dir: string;
  /** Null for a folder whose plugin.json or package.json could not be read. */
  readonly plugin: PluginIdentity | null;
  readonly state: PluginState;
  readonly failure: PluginFailure | null;
}

export interface PluginStates {
  add(plugin: PluginIdentity): void;
  /** A folder that is not a plugin, or a second one of the same id. It has no state of its own in the graph. */
  refuse(folder: { readonly id: string; readonly dir: string; readonly reason: string }): void;
  advance(id: string, state: Exclude<PluginState, 'quarantined'>): void;
  /** Also quarantines those that require it. With policy `abort` it throws PLUGIN_INVALID after that. */
  quarantine(id: string, step: PluginStep, error: unknown): void;
  /** For a step that has worked out by itself who falls with whom. */
  quarantineEach(
    refusals: readonly { readonly id: string; readonly reason: string }[],
    step: PluginStep,
  ): void;
  get(id: string): PluginStatus | undefined;
  /** Installed and not quarantined. */
  isUp(id: string): boolean;
  list(): readonly PluginStatus[];
  onQuarantine(listener: (status: PluginStatus) => void): () => void;
}

export interface StatesOptions {
  readonly policy: 'continue' | 'abort';
  readonly undo: UndoBook;
  readonly log: Pick<Logger, 'error'>;
}

export function createStates(options: StatesOptions): PluginStates {
  const statuses = new Map<string, PluginStatus>();
  const refused: PluginStatus[] = [];
  const listeners = new Set<(status: PluginStatus) => void>();

  function fall(status: PluginStatus, failure: PluginFailure, error: unknown): void {
    const fallen: PluginStatus = { ...status, state: 'quarantined', failure };
    if (status.plugin) statuses.set(status.id, fallen);
    else refused.push(fallen);
    options.log.error(
      { plugin: status.id, step: failure.step, err: error },
      `Plugin "${status.id}" is quarantined (${failure.step}): ${failure.reason}`,
    );
    for (const listener of listeners) listener(fallen);
  }

  function isUp(id: string): boolean {
    const state = statuses.get(id)?.state;
    return state !== undefined && state !== 'quarantined';
  }

  function abortIfAsked(id: string, failure: PluginFailure, cause: unknown): void {
    if (options.policy === 'continue') return;
    throw new JackfieldError('PLUGIN_INVALID', `Plugin "${id}" failed (${failure.step}): ${failure.reason}`, {
      details: { plugin: id, ...failure },
      cause,
    });
  }

  function quarantine(id: string, step: PluginStep, error: unknown): void {
    // Those on top first: what they undo may still speak to this one.
    for (const { dependant, on } of dependants(id)) quarantineOne(dependant, step, `depends on "${on}"`);
    quarantineOne(id, step, error);
  }

  function quarantineOne(id: string, step: PluginStep, error: unknown): void {
    const status = statuses.get(id);
    if (!status || status.state === 'quarantined') return;
    fall(status, { step, reason: reasonOf(error) }, error);
    for (const undoError of options.undo.undoAll(id)) {
      options.log.error(
        { plugin: id, err: undoError },
        `Plugin "${id}" left something behind when it was taken out`,
      );
    }
  }

  /** All that require `id`, directly or not, the furthest first, each with the one it stands on directly. */
  function dependants(id: string, seen = new Set([id])): { dependant: string; on: string }[] {
    const direct = [...statuses.values()].filter(
      (status) => status.plugin && id in status.plugin.manifest.requires && !seen.has(status.id),
    );
    for (const status of direct) seen.add(status.id);
    return [
      ...direct.flatMap((status) => dependants(status.id, seen)),
      ...direct.map((status) => ({ dependant: status.id, on: id })),
    ];
  }

  return {
    add(plugin) {
      statuses.set(plugin.id, { id: plugin.id, dir: plugin.dir, plugin, state: 'discovered', failure: null });
    },
    refuse({ id, dir, reason }) {
      const failure: PluginFailure = { step: 'discover', reason };
      fall({ id, dir, plugin: null, state: 'quarantined', failure }, failure, undefined);
      abortIfAsked(id, failure, undefined);
    },
    advance(id, state) {
      const status = statuses.get(id);
      if (status && status.state !== 'quarantined') statuses.set(id, { ...status, state });
    },
    quarantineEach(refusals, step) {
      for (const { id, reason } of refusals) quarantineOne(id, step, reason);
      const [first] = refusals;
      if (first) abortIfAsked(first.id, { step, reason: first.reason }, undefined);
    },
    quarantine(id, step, error) {
      if (!isUp(id)) return;
      quarantine(id, step, error);
      abortIfAsked(id, { step, reason: reasonOf(error) }, error);
    },
    get: (id) => statuses.get(id),
    isUp,
    list: () => [...statuses.values(), ...refused],
    onQuarantine(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** One line for people; the whole error with its cause goes to the log. */
export function reasonOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
