import { expect, it } from 'vitest';
import { z } from 'zod';
import { valueWords } from './value-words.ts';

const Form = z.object({
  name: z.string().min(1),
  code: z.string().min(3),
  alias: z.string().max(4),
  seconds: z.number().min(5),
  tries: z.number().max(9),
  people: z.array(z.string()).min(1),
  email: z.email(),
  region: z.string().regex(/^[A-Z]{2}$/),
  kind: z.enum(['a', 'b']),
  on: z.boolean(),
  owner: z.string(),
  title: z.string().refine((text) => [...text].length <= 2, { params: { maximum: 2 } }),
});
const wrong = {
  name: '',
  code: 'x',
  alias: 'too long',
  seconds: 1,
  tries: 10,
  people: [],
  email: 'nobody',
  region: 'china',
  kind: 'c',
  on: 'yes',
  title: '三个字',
};

it.each([
  [
    'en',
    {
      name: 'This is needed.',
      code: 'At least 3 characters.',
      alias: 'At most 4 characters.',
      seconds: 'Not less than 5.',
      tries: 'Not more than 9.',
      people: 'At least 1.',
      email: 'This is not an email address.',
      region: 'This is not in the form that is expected.',
      kind: 'This can only be: a, b.',
      on: 'This is not the kind of value that is expected.',
      owner: 'This is needed.',
      title: 'At most 2 characters.',
    },
  ],
  [
    'zh-CN',
    {
      name: '请填写此项。',
      code: '至少 3 个字符。',
      alias: '最多 4 个字符。',
      seconds: '不能小于 5。',
      tries: '不能大于 9。',
      people: '至少 1 项。',
      email: '邮箱格式不正确。',
      region: '格式不正确。',
      kind: '只能是：a、b。',
      on: '内容类型不正确。',
      owner: '请填写此项。',
      title: '最多 2 个字符。',
    },
  ],
] as const)(
  '[core-52] says in %s what is wrong with each value, without a word of programming',
  (locale, said) => {
    const { error } = Form.safeParse(wrong, { error: valueWords(locale) });
    expect(
      Object.fromEntries((error?.issues ?? []).map((issue) => [issue.path.join('.'), issue.message])),
    ).toEqual(said);
  },
);
