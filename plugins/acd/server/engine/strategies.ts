import type { Strategy, StrategyCandidate } from '../../contract.ts';

type Key = (candidate: StrategyCandidate) => number;

/** Smaller keys first; equal ones by user id, so that the same facts always give the same order. */
function by(...keys: readonly Key[]): (a: StrategyCandidate, b: StrategyCandidate) => number {
  return (a, b) => {
    for (const key of keys) {
      const difference = key(a) - key(b);
      if (difference !== 0) return difference;
    }
    return a.userId < b.userId ? -1 : 1;
  };
}

function sorted(id: string, title: Strategy['title'], ...keys: readonly Key[]): Strategy {
  return { id, title, order: (candidates) => [...candidates].sort(by(...keys)) };
}

export const builtInStrategies: readonly Strategy[] = [
  sorted('longest-idle', { 'zh-CN': '最长空闲', en: 'Longest idle' }, (c) => c.idleSince),
  sorted(
    'fewest-answered',
    { 'zh-CN': '接听最少', en: 'Fewest answered' },
    (c) => c.answered,
    (c) => c.idleSince,
  ),
  sorted('sign-in-order', { 'zh-CN': '登录顺序', en: 'Sign-in order' }, (c) => c.signedInAt),
  // Whoever was offered longest ago is next in turn; somebody new comes before the first round.
  sorted(
    'round-robin',
    { 'zh-CN': '轮流', en: 'Round robin' },
    (c) => c.lastOfferedAt ?? 0,
    (c) => c.signedInAt,
  ),
  {
    id: 'random',
    title: { 'zh-CN': '随机', en: 'Random' },
    order(candidates, facts) {
      const rest = [...candidates].sort(by());
      const drawn: StrategyCandidate[] = [];
      while (rest.length > 0) drawn.push(...rest.splice(Math.floor(facts.random() * rest.length), 1));
      return drawn;
    },
  },
];
