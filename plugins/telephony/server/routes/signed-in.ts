import { JackfieldError, maskNumber } from '@jackfield/core/sdk';

export interface Reader {
  readonly id: string;
  can(permission: string): boolean;
}

export function signedIn(user: Reader | null): Reader {
  if (!user) throw new JackfieldError('NOT_SIGNED_IN');
  return user;
}

export function seesNumbers(reader: Reader): boolean {
  return reader.can('telephony:see-numbers');
}

/** A number as this reader may see it. */
export function shown(reader: Reader, number: string): string {
  return seesNumbers(reader) ? number : maskNumber(number);
}

/** What a step says, with the numbers in it as this reader may see them. */
export function shownData(reader: Reader, data: unknown, key = ''): unknown {
  if (typeof data === 'string') return /number$/i.test(key) ? shown(reader, data) : data;
  if (Array.isArray(data)) return data.map((item) => shownData(reader, item, key));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, shownData(reader, value, name)]),
  );
}
