import { describe, expect, it } from 'vitest';
import { JackfieldError } from '../errors/index.ts';
import { DEFAULT_PAUSES_MS, outcomeOfFailure } from './outcome.ts';

const job = { attempt: 1, attempts: 5, stopping: false };

describe('what becomes of a job that threw', () => {
  it('runs again after a pause that grows, and fails after its last try', () => {
    const error = new Error('busy');
    const outcomes = [1, 2, 3, 4, 5].map((attempt) => outcomeOfFailure(error, { ...job, attempt }));
    expect(outcomes.map((outcome) => (outcome.kind === 'again' ? outcome.delayMs : outcome.kind))).toEqual([
      ...DEFAULT_PAUSES_MS.slice(0, 4),
      'failed',
    ]);
    expect(outcomes.at(-1)).toEqual({ kind: 'failed', error: 'busy' });
  });

  it('repeats the last pause when there are more tries than pauses', () => {
    expect(outcomeOfFailure('text', { attempt: 9, attempts: 20, stopping: false }, [1, 2])).toEqual({
      kind: 'again',
      delayMs: 2,
      counted: true,
      error: 'text',
    });
  });

  it('takes no try for a server that stops or a plugin that rests', () => {
    expect(outcomeOfFailure(new Error('x'), { ...job, attempt: 5, stopping: true })).toMatchObject({
      kind: 'again',
      delayMs: 0,
      counted: false,
    });
    expect(outcomeOfFailure(new JackfieldError('PLUGIN_CIRCUIT_OPEN'), { ...job, attempt: 5 })).toMatchObject(
      { kind: 'again', counted: false },
    );
  });
});
