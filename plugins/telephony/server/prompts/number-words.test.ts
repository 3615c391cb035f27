import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digitWords, quantityWords } from './number-words.ts';

const SEED = { seed: 20_261_120, numRuns: 2_000 };
const number = fc.oneof(
  fc.integer({ min: 0, max: 99_999 }),
  fc.integer({ min: 0, max: 999_999_999 }),
  fc.maxSafeInteger().map((n) => Math.abs(n) % 1_000_000_000_000),
  fc.integer({ min: 0, max: 11 }).map((zeros) => 10 ** zeros),
);

/** Reads the words back; written apart from the code under test. */
function fromChinese(words: string): number {
  const digit = (char: string) => '零一二三四五六七八九'.indexOf(char);
  const group = (text: string) => {
    let sum = 0;
    let last = 0;
    for (const char of text) {
      const unit = { 十: 10, 百: 100, 千: 1_000 }[char];
      if (unit === undefined) last = digit(char);
      else {
        sum += (last || 1) * unit;
        last = 0;
      }
    }
    return sum + last;
  };
  const [rest, high] = words.includes('亿') ? [words.split('亿')[1], words.split('亿')[0]] : [words, ''];
  const [low, middle] = rest?.includes('万') ? [rest.split('万')[1], rest.split('万')[0]] : [rest, ''];
  return group(high ?? '') * 1e8 + group(middle ?? '') * 1e4 + group(low ?? '');
}

function fromEnglish(words: string): number {
  const small =
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
      ' ',
    );
  const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
  const scales: Record<string, number> = { thousand: 1e3, million: 1e6, billion: 1e9 };
  let sum = 0;
  let group = 0;
  for (const word of words.split(/[ -]/)) {
    if (word === 'and') continue;
    const scale = scales[word];
    if (word === 'hundred') group *= 100;
    else if (scale !== undefined) {
      sum += group * scale;
      group = 0;
    } else group += small.includes(word) ? small.indexOf(word) : (tens.indexOf(word) + 2) * 10;
  }
  return sum + group;
}

describe('a number read as a quantity', () => {
  it.each([
    ['0', '零', 'zero'],
    ['10', '十', 'ten'],
    ['12', '十二', 'twelve'],
    ['21', '二十一', 'twenty-one'],
    ['110', '一百一十', 'one hundred and ten'],
    ['1003', '一千零三', 'one thousand and three'],
    ['1030', '一千零三十', 'one thousand and thirty'],
    ['1200', '一千二百', 'one thousand two hundred'],
    ['10000', '一万', 'ten thousand'],
    ['100010', '十万零一十', 'one hundred thousand and ten'],
    ['20300', '二万零三百', 'twenty thousand three hundred'],
    ['100000000', '一亿', 'one hundred million'],
    ['100000001', '一亿零一', 'one hundred million and one'],
    ['100020003', '一亿零二万零三', 'one hundred million twenty thousand and three'],
    ['-7', '负七', 'minus seven'],
    ['3.14', '三点一四', 'three point one four'],
    ['1,003', '一千零三', 'one thousand and three'],
    ['007', '七', 'seven'],
  ])('[ivr-37] says %s as %s and %s', (value, zh, en) => {
    expect(quantityWords(value, 'zh-CN')).toBe(zh);
    expect(quantityWords(value, 'en')).toBe(en);
  });

  it('can be read back, every one, in both languages', () => {
    fc.assert(
      fc.property(number, (n) => {
        expect(fromChinese(quantityWords(String(n), 'zh-CN'))).toBe(n);
        expect(fromEnglish(quantityWords(String(n), 'en'))).toBe(n);
      }),
      SEED,
    );
  });

  it('has no 零 twice in a row, none at an end, and none before a unit', () => {
    fc.assert(
      fc.property(number, (n) => {
        if (n > 0) expect(quantityWords(String(n), 'zh-CN')).not.toMatch(/零零|^零|零$|零[十百千万亿]/);
      }),
      SEED,
    );
  });

  it('reads digit by digit what is no number or too long, and never throws', () => {
    expect(quantityWords('1234567890123', 'en')).toBe(digitWords('1234567890123', 'en'));
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('zh-CN' as const, 'en' as const), (text, locale) => {
        expect(typeof quantityWords(text, locale)).toBe('string');
      }),
      SEED,
    );
  });
});

describe('keys read one by one', () => {
  it('says each key, and leaves out what is none', () => {
    expect(digitWords('10a*#', 'en')).toBe('one zero star hash');
    expect(digitWords('1003', 'zh-CN')).toBe('一 零 零 三');
    expect(digitWords('', 'en')).toBe('');
  });
});
