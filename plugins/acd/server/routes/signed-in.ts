import { JackfieldError } from '@jackfield/core/sdk';

export interface Person {
  readonly id: string;
  readonly name: string;
  can(permission: string): boolean;
}

/** Routes with a permission always have a user; the type cannot know. */
export function signedIn(user: Person | null): Person {
  if (!user) throw new JackfieldError('NOT_SIGNED_IN');
  return user;
}
