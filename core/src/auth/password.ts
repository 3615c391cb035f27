import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** scrypt with N = 2^15, r = 8, p = 1: 32 MB and about 0.1 s, off the main thread (OWASP's minimum is 2^14, 2^15 its middle). */
const defaultLog2N = 15;
const r = 8;
const p = 1;
const keyBytes = 32;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Against nothing (null) it takes as long and fails, so that time does not tell whether an account exists. */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** True when the hash was made with other parameters than those of today. */
  isOutdated(hash: string): boolean;
}

/** `log2N` is lower in tests only. A hash reads `scrypt$<log2N>$<r>$<p>$<salt>$<key>`, both base64url. */
export function createPasswords(log2N = defaultLog2N): Passwords {
  const decoy = `scrypt$${log2N}$${r}$${p}$${randomBytes(16).toString('base64url')}$${randomBytes(keyBytes).toString('base64url')}`;
  return {
    async hash(password) {
      const salt = randomBytes(16);
      const key = await derive(password, salt, log2N, r, p);
      return ['scrypt', log2N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
    },
    async verify(password, hash) {
      const parsed = parse(hash ?? decoy);
      if (!parsed) throw new Error('A stored password hash is not readable.');
      const key = await derive(password, parsed.salt, parsed.log2N, parsed.r, parsed.p);
      return timingSafeEqual(key, parsed.key) && hash !== null;
    },
    isOutdated(hash) {
      const parsed = parse(hash);
      return parsed?.log2N !== log2N || parsed.r !== r || parsed.p !== p;
    },
  };
}

function parse(hash: string) {
  const match = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]{43})$/.exec(hash);
  if (!match) return null;
  const [, log2N, blocks, lanes, salt = '', key = ''] = match;
  return {
    log2N: Number(log2N),
    r: Number(blocks),
    p: Number(lanes),
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
}

function derive(
  password: string,
  salt: Buffer,
  log2N: number,
  blocks: number,
  lanes: number,
): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** log2N, r: blocks, p: lanes, maxmem: 256 * 2 ** log2N * blocks };
  return new Promise((resolve, reject) => {
    // NFKC, so that a password typed on another keyboard or system is the same one.
    scrypt(password.normalize('NFKC'), salt, keyBytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
