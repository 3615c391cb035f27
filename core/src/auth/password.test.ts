import { describe, expect, it } from 'vitest';
import { createPasswords } from './password.ts';

const passwords = createPasswords(4);

describe('passwords', () => {
  it('are known again, and no other one is', async () => {
    const hash = await passwords.hash('correct horse');
    expect(await passwords.verify('correct horse', hash)).toBe(true);
    expect(await passwords.verify('correct horses', hash)).toBe(false);
    expect(await passwords.verify('', hash)).toBe(false);
  });

  it('never have the same hash twice', async () => {
    expect(await passwords.hash('same')).not.toBe(await passwords.hash('same'));
  });

  it('are the same however the keyboard composes them', async () => {
    expect(await passwords.verify('cafe\u0301', await passwords.hash('caf\u00e9'))).toBe(true);
  });

  it('fit no account that does not exist', async () => {
    expect(await passwords.verify('anything', null)).toBe(false);
  });

  it('stay valid when the cost is raised, and are then to be hashed anew', async () => {
    const old = await passwords.hash('old');
    const stronger = createPasswords(5);
    expect(await stronger.verify('old', old)).toBe(true);
    expect(stronger.isOutdated(old)).toBe(true);
    expect(stronger.isOutdated(await stronger.hash('old'))).toBe(false);
  });

  it('take 32 MB of memory each at the cost of production', async () => {
    const hash = await createPasswords().hash('x');
    expect(hash).toMatch(/^scrypt\$15\$8\$1\$/);
    expect(await createPasswords().verify('x', hash)).toBe(true);
  });
});
