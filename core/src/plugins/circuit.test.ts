import { describe, expect, it } from 'vitest';
import { fakeClock } from '../../test-kit/fake-clock.ts';
import { type CircuitReport, createCircuits } from './circuit.ts';

function setUp() {
  const clock = fakeClock();
  const opened: CircuitReport[] = [];
  const circuits = createCircuits({ clock, onOpen: (report) => opened.push(report) });
  const fail = (times: number) => {
    for (let at = 0; at < times; at += 1)
      circuits.failed('GET /api/crm/x', 'crm', new Error(`error ${at + 1}`));
  };
  return { clock, opened, circuits, fail };
}

describe('a circuit', () => {
  it('tells the operator once, with the plugin, the count and the last error', () => {
    const { clock, opened, circuits, fail } = setUp();
    fail(19);
    expect(circuits.allows('GET /api/crm/x')).toBe(true);
    fail(5);
    expect(circuits.allows('GET /api/crm/x')).toBe(false);
    expect(opened).toEqual([
      {
        point: 'GET /api/crm/x',
        pluginId: 'crm',
        errors: 20,
        openUntil: clock.now() + 300_000,
        lastError: 'error 1',
      },
    ]);
  });

  it('forgets errors older than a minute', async () => {
    const { clock, circuits, fail } = setUp();
    fail(19);
    await clock.advance(60_000);
    fail(19);
    expect(circuits.allows('GET /api/crm/x')).toBe(true);
  });

  it('counts afresh after its five minutes, and each point for itself', async () => {
    const { clock, circuits, fail } = setUp();
    fail(20);
    expect(circuits.allows('hook:call:ended#crm')).toBe(true);
    await clock.advance(300_000);
    expect(circuits.allows('GET /api/crm/x')).toBe(true);
    fail(19);
    expect(circuits.allows('GET /api/crm/x')).toBe(true);
  });

  it('is closed by the operator at once', () => {
    const { circuits, fail } = setUp();
    fail(20);
    expect(circuits.report()).toHaveLength(1);
    circuits.close('GET /api/crm/x');
    expect(circuits.allows('GET /api/crm/x')).toBe(true);
    expect(circuits.report()).toEqual([]);
  });
});
