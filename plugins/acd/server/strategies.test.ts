import type { Consumer } from '@jackfield/core/sdk';
import { expect, it } from 'vitest';
import type { StrategyCandidate } from '../contract.ts';
import { createStrategies } from './strategies.ts';

const title = { 'zh-CN': '等级', en: 'Level' };
const candidate = (userId: string, idleSince: number, level: number): StrategyCandidate => ({
  userId,
  idleSince,
  signedInAt: 0,
  answered: 0,
  level,
  lastOfferedAt: null,
});
const people = [candidate('amy', 1, 3), candidate('ben', 2, 9)];
const byLevel = {
  id: 'level',
  title,
  order: (all: readonly StrategyCandidate[]) => [...all].sort((a, b) => b.level - a.level),
};

function plugin(pluginId = 'skills') {
  const state = { active: true, undo: () => {} };
  const consumer: Consumer = {
    pluginId,
    isActive: () => state.active,
    onUndo: (undo) => {
      state.undo = undo;
    },
  };
  return { consumer, state };
}
function choices() {
  const errors: string[] = [];
  const strategies = createStrategies({
    error: ({ strategy }: { strategy: string }) => errors.push(strategy),
  } as never);
  const first = (id: string) => strategies.find(id).order(people, { now: 0, random: () => 0 })[0]?.userId;
  return { strategies, errors, first };
}

it('a plugin adds a strategy under its own name, and twice is refused', () => {
  const { strategies, first } = choices();
  const { consumer } = plugin();
  strategies.add(byLevel, consumer);
  expect(strategies.offered().map(({ id }) => id)).toContain('skills.level');
  expect(first('skills.level')).toBe('ben');
  expect(() => strategies.add(byLevel, consumer)).toThrow('skills.level');
});

it('where the plugin is off, or gone, the longest idle is asked', () => {
  const { strategies, first } = choices();
  const { consumer, state } = plugin();
  strategies.add(byLevel, consumer);
  state.active = false;
  expect(strategies.offered().map(({ id }) => id)).not.toContain('skills.level');
  expect(first('skills.level')).toBe('amy');
  state.active = true;
  expect(first('skills.level')).toBe('ben');
  state.undo();
  expect(first('skills.level')).toBe('amy');
});

it('a strategy that throws keeps no caller waiting', () => {
  const { strategies, errors, first } = choices();
  const order = () => {
    throw new Error('no');
  };
  strategies.add({ id: 'broken', title, order }, plugin().consumer);
  expect(first('skills.broken')).toBe('amy');
  expect(errors).toEqual(['skills.broken']);
});
