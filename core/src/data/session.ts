import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { JackfieldError } from '../errors/index.ts';
import { failureKind, translateError } from './database-errors.ts';
import type { Table } from './define-entity.ts';
import type { DialectName } from './dialect.ts';
import type { Gate } from './gate.ts';

/** One open transaction, carried by the async flow that opened it and all it calls. */
interface Transaction {
  readonly manager: EntityManager;
  /** Statements under way; commit and rollback wait for them. */
  readonly running: Set<Promise<unknown>>;
  afterCommit: (() => void)[];
  ended: boolean;
  /** Set once this can no longer commit: by a nested `tx` that threw or by the server. */
  doomed: { readonly error: unknown; readonly rolledBack: boolean } | null;
}

interface Flow {
  readonly transaction: Transaction | null;
  /** The plugins whose repos see all tenants here. */
  readonly across: ReadonlySet<string>;
}

const NO_FLOW: Flow = { transaction: null, across: new Set() };

export interface Session {
  /** Runs statements in the transaction of this flow, or by themselves. Errors come out translated. */
  run<T>(work: (manager: EntityManager) => Promise<T>, entity?: Table): Promise<T>;
  tx<T>(fn: () => Promise<T>): Promise<T>;
  inTransaction(): boolean;
  /**
   * Runs `fn` once the transaction of this flow has committed, never if it rolls back; at once outside of
   * one. It runs in the scope it was registered in and outside of the transaction; a throw is reported.
   */
  afterCommit(fn: () => void | Promise<void>): void;
  /**
   * For what lives longer than the transaction it is started in: timers, actors, consumers. Never awaited
   * within the transaction: on SQLite its statements wait for that to end.
   */
  outsideTransaction<T>(fn: () => T): T;
  runAcross<T>(pluginId: string, fn: () => Promise<T>): Promise<T>;
  isAcross(pluginId: string): boolean;
}

export interface SessionOptions {
  readonly dataSource: DataSource;
  readonly dialect: DialectName;
  /** Only where there is one connection. */
  readonly gate: Gate | null;
  isOpen(): boolean;
  onCallbackError(error: unknown): void;
}

export function createSession(options: SessionOptions): Session {
  const flows = new AsyncLocalStorage<Flow>();
  const current = () => flows.getStore() ?? NO_FLOW;
  const alone = <T>(work: () => Promise<T>) => (options.gate ? options.gate.run(work) : work());

  function assertOpen(): void {
    if (!options.isOpen()) throw new JackfieldError('UNAVAILABLE', 'The database is closed.');
  }

  async function runInside<T>(
    transaction: Transaction,
    work: (manager: EntityManager) => Promise<T>,
    entity?: Table,
  ): Promise<T> {
    assertUsable(transaction);
    const promise = work(transaction.manager);
    transaction.running.add(promise);
    try {
      return await promise;
    } catch (error) {
      const kind = failureKind(error);
      // The server has already rolled back; a further statement would run, and stay, by itself.
      if (kind === 'rolledBack' || kind === 'unavailable') {
        transaction.doomed ??= { error, rolledBack: kind === 'rolledBack' };
      }
      throw translateError(error, entity);
    } finally {
      transaction.running.delete(promise);
    }
  }

  async function attempt<T>(fn: () => Promise<T>): Promise<{ value: T; callbacks: (() => void)[] }> {
    const runner = options.dataSource.createQueryRunner();
    const transaction: Transaction = {
      manager: runner.manager,
      running: new Set(),
      afterCommit: [],
      ended: false,
      doomed: null,
    };
    try {
      await runner.query(options.dialect === 'sqlite' ? 'BEGIN IMMEDIATE' : 'START TRANSACTION');
      try {
        const value = await flows.run({ ...current(), transaction }, fn);
        await settle(transaction);
        if (transaction.doomed) throw transaction.doomed.error;
        await runner.query('COMMIT');
        return { value, callbacks: transaction.afterCommit };
      } catch (error) {
        await settle(transaction);
        await rollBack(runner, options.dialect);
        throw transaction.doomed?.rolledBack ? new RolledBack(transaction.doomed.error) : error;
      }
    } finally {
      transaction.ended = true;
      await runner.release();
    }
  }

  async function retried<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RolledBack) && failureKind(error) !== 'rolledBack') throw error;
      return await work();
    }
  }

  async function tx<T>(fn: () => Promise<T>): Promise<T> {
    const outer = current().transaction;
    if (outer) {
      assertUsable(outer);
      try {
        return await fn();
      } catch (error) {
        outer.doomed ??= { error, rolledBack: false };
        throw error;
      }
    }
    assertOpen();
    try {
      const { value, callbacks } = await alone(() => retried(() => attempt(fn)));
      for (const callback of callbacks) callback();
      return value;
    } catch (error) {
      const cause = error instanceof RolledBack ? error.cause : error;
      // What `fn` itself threw goes to its caller as it is.
      throw failureKind(cause) === 'other' ? cause : translateError(cause);
    }
  }

  const outside = <T>(fn: () => T): T => flows.run({ ...current(), transaction: null }, fn);

  function report(fn: () => void | Promise<void>): void {
    Promise.resolve()
      .then(() => outside(fn))
      .catch(options.onCallbackError);
  }

  return {
    async run(work, entity) {
      const { transaction } = current();
      if (transaction) return runInside(transaction, work, entity);
      assertOpen();
      try {
        return await alone(() => retried(() => work(options.dataSource.manager)));
      } catch (error) {
        throw translateError(error, entity);
      }
    },
    tx,
    inTransaction: () => current().transaction !== null,
    afterCommit(fn) {
      const { transaction } = current();
      if (!transaction) return report(fn);
      assertUsable(transaction);
      transaction.afterCommit.push(AsyncResource.bind(() => report(fn)));
    },
    outsideTransaction: outside,
    runAcross: (pluginId, fn) =>
      flows.run({ ...current(), across: new Set([...current().across, pluginId]) }, fn),
    isAcross: (pluginId) => current().across.has(pluginId),
  };
}

/** The server undid the transaction and it may be tried again, whatever `fn` made of the error. */
class RolledBack extends Error {
  constructor(cause: unknown) {
    super('rolled back by the database', { cause });
  }
}

function assertUsable(transaction: Transaction): void {
  if (transaction.ended) {
    throw new JackfieldError(
      'INTERNAL',
      'A transaction was used after it ended: something in it was not awaited, or outlives it.',
    );
  }
  if (transaction.doomed) throw translateError(transaction.doomed.error);
}

/** Nothing new starts from here on, and what has started is not cut in two by COMMIT or ROLLBACK. */
async function settle(transaction: Transaction): Promise<void> {
  transaction.ended = true;
  await Promise.allSettled(transaction.running);
}

async function rollBack(runner: QueryRunner, dialect: DialectName): Promise<void> {
  try {
    await runner.query('ROLLBACK');
  } catch {
    // SQLite has ended it itself, or the connection is gone and the server has. A live MySQL connection never
    // refuses; one that did must not go back to the pool with an open transaction.
    if (dialect === 'mysql') {
      const connection: unknown = await runner.connect();
      if (hasDestroy(connection)) connection.destroy();
    }
  }
}

function hasDestroy(connection: unknown): connection is { destroy(): void } {
  return typeof connection === 'object' && connection !== null && 'destroy' in connection;
}
