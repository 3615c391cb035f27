import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeXml } from './xml.ts';

/** What an XML reader makes of an attribute's text; throws if there is a reference that it does not know. */
function read(escaped: string): string {
  return escaped.replace(/&([^;]*);?/g, (_, reference: string) => {
    const code = /^#(\d+)$/.exec(reference)?.[1];
    if (code === undefined) throw new Error(`not a number: &${reference}`);
    return String.fromCharCode(Number(code));
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot hold is left out
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const nasty = fc.stringMatching(
  /^([<>&"'$\n\r\t-]|\$\$\{[a-z_]+\}|<X-PRE-PROCESS cmd="exec" data="id"\/>|<include>|<\?|<!--#|-->|张|a)*$/,
);

describe('text in a document for FreeSWITCH', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'grapheme' })), (text) => {
        expect(read(escapeXml(text))).toBe(text.replace(UNWRITABLE, ''));
      }),
      { seed: 20_261_120, numRuns: 500 },
    );
  });

  it('holds nothing that ends an attribute, a tag or a line, or that the pre-processor acts on', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (text) => {
        const escaped = escapeXml(text);
        expect(escaped).not.toMatch(/[<>"'$\r\n-]|&(?!#\d+;)/);
        expect(escaped).not.toMatch(/x-pre-process/i);
      }),
      { seed: 20_261_121, numRuns: 500 },
    );
  });

  it('is always valid UTF-8', () => {
    expect(escapeXml('a\ud800b')).toBe('a\ufffdb');
  });
});
