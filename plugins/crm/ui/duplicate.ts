import { ApiError } from '@jackfield/admin-ui/sdk';

export interface Duplicate {
  readonly customerId: string;
  readonly customerName: string;
}

/** Whose number it is that somebody else was to get; null for every other error. */
export function duplicateOf(error: unknown): Duplicate | null {
  if (!ApiError.is(error) || error.code !== 'CONFLICT') return null;
  const { customerId, customerName } = error.details;
  if (typeof customerId !== 'string' || typeof customerName !== 'string') return null;
  return { customerId, customerName };
}
