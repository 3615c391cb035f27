// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is FreeSWITCH syntax here
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePercent } from '../event-socket/percent.ts';
import { callerIdName, checkEndpoint, dialVariables } from './dial-string.ts';
import { checkChannelId, escapeApplicationData, escapeArgument, escapeElement } from './escape.ts';
import { receiptVariables } from './receipts.ts';
import { parseOriginate, separateString } from './separate-string.ts';

/** Any text a customer can cause, with what FreeSWITCH gives a meaning more often than chance would. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        ...["'", '"', '\\', ',', '=', '{', '}', '[', ']', '|', ':_:', ':_', '${', '$', ' ', '  ', '^^;'],
      ),
      fc.constantFrom(
        '\n',
        '\r\n',
        '\t',
        '!',
        '(',
        ')',
        ';',
        '<',
        '>',
        '%20',
        '%',
        '%2',
        '%25',
        '%E5',
        '张三',
        'ARRAY::',
        '\\n',
        "\\'",
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

const parsed = (variables: Record<string, string>) =>
  parseOriginate(`${dialVariables(variables)}user/1001@cc.test &park()`);

describe('the model of FreeSWITCH agrees with what was measured', () => {
  it.each([
    [`cc_x='a b'`, 'a b'],
    [`cc_x='a,b c'`, 'a'],
    [`cc_x='a\\,b c'`, 'a,b c'],
    [`^^;cc_x='a,b c';cc_y=2`, 'a,b c'],
    [`cc_x='it\\'s'`, `it's`],
    [`cc_x='{"a":1}'`, '{"a":1}'],
    [`cc_x='a{b}c'`, 'a{b}c'],
    [`cc_x='x;y|z[1]'`, 'x;y|z[1]'],
    ['cc_x=${domain}', undefined],
    ['cc_x=', undefined],
    ['cc_x=张三', '张三'],
    ['cc_x=a%20b%2Cc', 'a%20b%2Cc'],
  ])('%s', (written, value) => {
    expect(parseOriginate(`{${written}}user/1001@cc.test &park()`)?.variables.cc_x).toBe(value);
  });

  it.each(['cc_x=a b', 'cc_x="a b"', `cc_x='a}b'`])('%s fails', (written) => {
    const command = parseOriginate(`{${written}}user/1001@cc.test &park()`);
    expect(command?.endpoint === 'user/1001@cc.test' && command.application === '&park()').toBe(false);
  });
});

describe('dialVariables', () => {
  it('returns any values of any text, and leaves endpoint and application alone', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^jf_[a-z]{1,5}$/), anyText, { maxKeys: 5 }),
        (variables) => {
          const command = parsed(variables);
          const { origination_nested_vars: _, ...read } = command?.variables ?? {};
          const kept = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
          const asRead = Object.entries(read).map(([name, value]) => [name, decodePercent(encode(value))]);
          expect(Object.fromEntries(asRead)).toEqual(kept);
          expect(command).toMatchObject({ endpoint: 'user/1001@cc.test', application: '&park()' });
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('never writes a line break', () => {
    fc.assert(fc.property(anyText, (value) => !/[\r\n\0]/.test(dialVariables({ a: value }))));
  });

  it('writes plain values plainly', () => {
    expect(dialVariables({ jf_call: '01ABC', name: 'a b' })).toBe(`{jf_call=01ABC,name='a b'}`);
    expect(dialVariables({})).toBe('');
    expect(dialVariables({ empty: '' })).toBe('');
  });

  it('carries the receipt as it is', () => {
    const receipt = receiptVariables('u-1');
    expect(parsed(receipt)?.variables).toMatchObject(receipt);
  });

  it.each(['', 'a b', 'a=b', '1a', 'a}', 'x'.repeat(200)])('refuses the name %j', (name) => {
    expect(() => dialVariables({ [name]: 'x' })).toThrow('not a name for a channel variable');
  });
});

describe('escapes', () => {
  it('keep one argument one argument', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [uuid, name, value = ''] = separateString(`u1 jf_x ${escapeArgument(text)}`, ' ', 3);
        expect([uuid, name, value]).toEqual(['u1', 'jf_x', text]);
        expect(separateString(`a ${escapeArgument(text)} b`, ' ', 10)).toEqual(
          text === '' ? ['a', 'b'] : ['a', text, 'b'],
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('keep one element one element', () => {
    fc.assert(
      fc.property(
        fc.array(
          anyText.filter((text) => text !== ''),
          { minLength: 1, maxLength: 4 },
        ),
        (texts) => {
          const written = texts.map((text) => escapeElement(text, '!')).join('!');
          fc.pre(!written.startsWith('^^'));
          expect(separateString(written, '!')).toEqual(texts);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('keep text from being expanded', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(expand(escapeApplicationData(text))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses channel ids and endpoints that would be something else', () => {
    for (const id of ['', 'a b', 'a\nb', "a'b", '../x y'])
      expect(() => checkChannelId(id)).toThrow('not a channel id');
    const bad = [
      '',
      'user/1 &x',
      'user/1,user/2',
      'a|b',
      'a:_:b',
      '{x=1}user/1',
      "user/'1",
      'user/${x}',
      '[x=1]user/1',
    ];
    for (const endpoint of bad) expect(() => checkEndpoint(endpoint)).toThrow('not an endpoint');
    expect(checkEndpoint('sofia/gateway/carrier/+8613900139000')).toBe(
      'sofia/gateway/carrier/+8613900139000',
    );
  });

  it('keeps caller names from breaking out of a SIP header', () => {
    expect(callerIdName('A "B" <sip:x>\r\nX-Evil: 1\\')).toBe('A B sip:x X-Evil: 1');
    expect(callerIdName('呼叫中心 Acme')).toBe('呼叫中心 Acme');
  });
});

/** switch_channel_expand_variables() of FreeSWITCH 1.11 for a channel without variables. */
function expand(text: string): string {
  const active = /\$\\*\{/.test(text) || /\\[\\nst']/.test(text);
  if (!active) return text;
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const next = text[at + 1] ?? '';
    if (text[at] === '\\' && next === '$') {
      at += text[at + 2] === '$' ? 2 : 1;
      out += '$';
    } else if (text[at] === '\\' && next === "'") {
      at++;
    } else if (text[at] === '\\' && next === '\\') {
      out += '\\';
      at++;
    } else if (text[at] === '$' && next === '{') {
      at = text.indexOf('}', at) < 0 ? text.length : text.indexOf('}', at);
    } else {
      out += text[at];
    }
  }
  return out;
}

/** switch_url_encode() of FreeSWITCH 1.11 as it writes events: what looks like an escape is left as it is. */
function encode(text: string): string {
  let out = '';
  const bytes = Buffer.from(text).toString('latin1');
  for (let at = 0; at < bytes.length; at++) {
    const char = bytes[at] as string;
    const escaped = char === '%' && /^[0-9A-F]{2}/.test(bytes.slice(at + 1, at + 3));
    const safe = escaped || (char > ' ' && char <= '~' && !'"#%&+:;<=>?@[\\]^`{|}'.includes(char));
    out += safe ? char : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
