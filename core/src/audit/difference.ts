import { isDeepStrictEqual } from 'node:util';
import { maskRecord } from '../auth/mask.ts';

/**
 * What is kept of a change: of two objects the fields that differ, else both as they are; masked after comparing, so that a
 * changed password shows as changed.
 */
export function difference(before: unknown, after: unknown): { before: unknown; after: unknown } {
  if (!isRecord(before) || !isRecord(after)) return { before: maskRecord(before), after: maskRecord(after) };
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => key !== 'updatedAt' && !isDeepStrictEqual(before[key], after[key]),
  );
  const pick = (record: Record<string, unknown>) =>
    maskRecord(Object.fromEntries(keys.filter((key) => key in record).map((key) => [key, record[key]])));
  return { before: pick(before), after: pick(after) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
