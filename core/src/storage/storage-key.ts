import { JackfieldError } from '../errors/index.ts';

/** Long enough for dates, ids and a file name; every file system and S3 takes it. */
const MAX_KEY_LENGTH = 512;
/** Bytes; the limit of one name on ext4, NTFS and APFS is 255. */
const MAX_SEGMENT_BYTES = 200;

/** Control characters, and what Windows does not take in a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const forbiddenCharacters = /[\u0000-\u001f\u007f<>:"|?*\\]/;
/** Device names of Windows, with or without an extension. */
const reservedName = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/**
 * Refuses a key that would leave its folder or that some file system would read differently: the same key
 * has to name the same file on Linux, on Windows and in a bucket. BAD_REQUEST names what is wrong.
 */
export function checkStorageKey(key: string): void {
  const fault = faultOf(key);
  if (fault === null) return;
  throw new JackfieldError('BAD_REQUEST', `This is not a storage key: ${fault}.`, {
    details: { reason: fault },
  });
}

function faultOf(key: string): string | null {
  if (typeof key !== 'string' || key === '') return 'it is empty';
  if (key.length > MAX_KEY_LENGTH) return `it is longer than ${MAX_KEY_LENGTH} characters`;
  if (key.startsWith('/')) return 'it starts with "/"';
  if (forbiddenCharacters.test(key)) return 'it contains a character that is not allowed';
  for (const segment of key.split('/')) {
    const fault = faultOfSegment(segment);
    if (fault !== null) return fault;
  }
  return null;
}

function faultOfSegment(segment: string): string | null {
  if (segment === '') return 'it has an empty part';
  if (segment === '.' || segment === '..') return 'it has a part "." or ".."';
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)
    return `a part is longer than ${MAX_SEGMENT_BYTES} bytes`;
  if (/[. ]$/.test(segment)) return 'a part ends with a dot or a space';
  if (reservedName.test(segment)) return 'a part is a name that Windows reserves';
  return null;
}
