import { describe, expect, test } from 'vitest';
import { parseDialString, parseVariables, splitWords } from './dial-string.ts';

/** As the api command does it: first apart at blanks, then the dial string. */
function variableOf(text: string): string | undefined {
  const [dialString = ''] = splitWords(`{${text}}user/1001@d &park()`, 10);
  return parseDialString(dialString)?.groups[0]?.[0]?.[0]?.variables.get('cc_x');
}

describe('quoting in a dial string is as it was measured', () => {
  test.each([
    ["cc_x='a b'", 'a b'],
    ["cc_x='a,b c'", 'a'],
    ["cc_x='a\\,b c'", 'a,b c'],
    ["^^;cc_x='a,b c';cc_y=2", 'a,b c'],
    ["cc_x='it\\'s'", "it's"],
    [`cc_x='{"a":1}'`, '{"a":1}'],
    ["cc_x='a{b}c'", 'a{b}c'],
    ["cc_x='x;y|z[1]'", 'x;y|z[1]'],
    ['cc_x="q,r"', '"q'],
    ['cc_x=张三', '张三'],
    ['cc_x=a%20b%2Cc', 'a%20b%2Cc'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: FreeSWITCH's own
    ['cc_x=${domain}', undefined],
  ])('{%s}', (text, value) => {
    expect(variableOf(text)).toBe(value);
  });

  test('a blank outside of quotes, or a brace that is not closed, fails', () => {
    const [first = ''] = splitWords('{cc_x=a b}user/1001@d &park()', 10);
    expect(parseDialString(first)).toBeNull();
  });

  test('a brace too much ends the variables, and what follows is no endpoint', () => {
    const [first = ''] = splitWords("{cc_x='a}b'}user/1001@d &park()", 10);
    expect(parseDialString(first)?.groups[0]?.[0]?.[0]?.endpoint).toBe('b}user/1001@d');
  });
});

test('legs ring together, one after the other, or in groups', () => {
  const plan = parseDialString('<g=0>{a=1}[l=1]user/1@d,[l=2]user/2@d|sofia/gateway/x/3:_:{a=2}user/4@d');
  expect(plan?.variables.get('g')).toBe('0');
  const shape = plan?.groups.map((group) =>
    group.map((legs) => legs.map((leg) => [leg.endpoint, leg.variables.get('a'), leg.variables.get('l')])),
  );
  expect(shape).toEqual([
    [
      [
        ['user/1@d', '1', '1'],
        ['user/2@d', '1', '2'],
      ],
      [['sofia/gateway/x/3', '1', undefined]],
    ],
    [[['user/4@d', '2', undefined]]],
  ]);
});

test('variables without a name or an equals sign are left out', () => {
  expect(parseVariables('a=1,b,=2,c=')).toEqual([['a', '1']]);
});
