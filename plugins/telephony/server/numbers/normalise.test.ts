import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialledForm } from './dialled-form.ts';
import { callerName, checkDialable, cleanName, digitsOf, normaliseNumber } from './normalise.ts';

describe('a number', () => {
  it.each([
    ['13800138000', '+8613800138000'],
    ['+86 138 0013 8000', '+8613800138000'],
    ['008613800138000', '+8613800138000'],
    ['021-6555 0001', '+862165550001'],
    ['4008001234', '+864008001234'],
    ['+49 30 901820', '+4930901820'],
    ['110', '110'],
    ['10086', '10086'],
    ['1001', '1001'],
    ['*72', '*72'],
    ['anonymous', ''],
    ['Anonymous', ''],
    ['', ''],
    ['+', ''],
    ['sip:alice', ''],
  ])('%j becomes %j in China', (given, expected) => {
    expect(normaliseNumber(given, 'CN')).toBe(expected);
  });

  it('never throws, is never longer than can be kept, and is stable', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom('CN', 'US', 'XX'),
        (given, region) => {
          const once = normaliseNumber(given, region);
          expect(once.length).toBeLessThanOrEqual(25);
          expect(once).toMatch(/^\+?[0-9*#]*$/);
          expect(normaliseNumber(once, region)).toBe(once);
        },
      ),
      { seed: 11, numRuns: 3_000 },
    );
  });

  it('is told to the carrier as it wants it', () => {
    expect(dialledForm('+8613800138000', 'e164', 'CN')).toBe('+8613800138000');
    expect(dialledForm('+8613800138000', 'national', 'CN')).toBe('13800138000');
    expect(dialledForm('+862165550001', 'national', 'CN')).toBe('02165550001');
    expect(dialledForm('+4930901820', 'national', 'CN')).toBe('004930901820');
    expect(dialledForm('110', 'national', 'CN')).toBe('110');
  });
});

const t = (key: string) => key;

describe('what a person types to dial', () => {
  it('may have blanks, dashes and brackets', () => {
    expect(checkDialable(' (021) 6555-0001 ', t)).toBe('02165550001');
    expect(checkDialable('+86.138', t)).toBe('+86138');
  });
  it.each(['', '  ', 'abc', '13800138000x', '+-', '1'.repeat(25), '１３８'])(
    'is refused when it is %j',
    (input) => {
      expect(() => checkDialable(input, t)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    },
  );
});

describe('a name', () => {
  it('loses what could break a screen, and keeps every letter', () => {
    expect(cleanName('\u202e李\u0000 雷\ufffd ')).toBe('李 雷');
    expect(callerName({ name: '13800138000', number: '+8613800138000' })).toBe('');
    expect(callerName({ name: 'Room 101', number: '101' })).toBe('Room 101');
    expect(cleanName('x'.repeat(500))).toHaveLength(128);
    expect(digitsOf('+86 (21) 6555')).toBe('86216555');
  });
});
