const HEX = /^[0-9a-f]{2}$/i;

/**
 * Decodes FreeSWITCH's percent-encoding (switch_url_encode) of a header value that was read as latin1.
 *
 * Never throws: an escape that is not one (`%zz`, `100%`) stays as it is; bytes that are not UTF-8 are read as
 * GB 18030, in which Chinese carriers and phones send names; what is neither, or a character cut in the middle, becomes
 * U+FFFD. `+` is a plus sign: FreeSWITCH writes a space as `%20`.
 */
export function decodePercent(latin1: string): string {
  if (!latin1.includes('%') && isAscii(latin1)) return latin1;
  if (isAscii(latin1)) {
    try {
      return decodeURIComponent(latin1);
    } catch {
      // malformed: byte by byte below
    }
  }
  const bytes = Buffer.allocUnsafe(latin1.length);
  let length = 0;
  for (let i = 0; i < latin1.length; i++) {
    const code = latin1.charCodeAt(i);
    const digits = code === 0x25 ? latin1.slice(i + 1, i + 3) : '';
    if (HEX.test(digits)) {
      bytes[length++] = Number.parseInt(digits, 16);
      i += 2;
    } else {
      bytes[length++] = code;
    }
  }
  return decodeText(bytes.subarray(0, length));
}

function decodeText(bytes: Buffer): string {
  return (
    tryDecode('utf-8', bytes) ?? (isCut(bytes) ? null : tryDecode('gb18030', bytes)) ?? bytes.toString('utf8')
  );
}

function tryDecode(encoding: 'utf-8' | 'gb18030', bytes: Buffer): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** UTF-8 whose last character is not whole: two of its three bytes would be a character of GB 18030, too. */
function isCut(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
