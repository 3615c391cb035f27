/** The agent's network, judged from round trips to the server (core-54): foresee poor calls before they are. */
export type Signal = 'good' | 'fair' | 'weak' | 'none';

/** Milliseconds of the last probes, newest last; null is a probe without an answer. */
export function judgeSignal(probes: readonly (number | null)[]): Signal {
  const last = probes.slice(-5);
  if (last.length === 0) return 'good';
  const answered = last.filter((value): value is number => value !== null).sort((a, b) => a - b);
  // Two in a row without an answer is no network; a single one is a weak one.
  if (answered.length === 0 || (last.length > 1 && last.slice(-2).every((value) => value === null)))
    return 'none';
  const median = answered[Math.floor((answered.length - 1) / 2)] ?? 0;
  const spread = (answered.at(-1) ?? 0) - (answered[0] ?? 0);
  if (answered.length < last.length || median > 400 || spread > 600) return 'weak';
  return median > 150 || spread > 250 ? 'fair' : 'good';
}
