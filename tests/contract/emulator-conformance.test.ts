import { describe, expect, test } from 'vitest';
import { differences } from './emulator-scenarios/compare.ts';
import { leniency } from './emulator-scenarios/leniency.ts';
import { replay } from './emulator-scenarios/replay.ts';
import { scenarios } from './emulator-scenarios/scenarios.ts';

describe('the emulator says what FreeSWITCH said in', () => {
  for (const { scenario, more } of scenarios) {
    test(`trace ${scenario.trace}: ${scenario.title}`, async () => {
      const played = await replay(scenario);
      const found = differences(played, leniency(more), scenario.skipConnections);
      expect(found.join('\n')).toBe('');
    });
  }
});
