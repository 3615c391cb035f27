import { z } from '@jackfield/core/sdk';
import { describe, expect, it } from 'vitest';
import { settingName } from './problem-text.ts';
import { fieldsOf } from './schema-fields.ts';
import type { JsonSchema } from './shapes.ts';

const schemaOf = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input' }) as JsonSchema;
const kinds = (type: z.ZodType) =>
  Object.fromEntries(fieldsOf(schemaOf(type)).map(({ name, kind }) => [name, kind]));

describe('the form of a node', () => {
  it('has a field for every kind of setting a plugin may have', () => {
    expect(
      kinds(
        z.object({
          city: z.string().min(1),
          story: z.string().max(1000),
          seconds: z.number().int().default(5),
          loud: z.boolean().default(false),
          as: z.enum(['digits', 'quantity']),
          options: z.array(z.object({ key: z.string().meta({ widget: 'key' }), name: z.string() })),
          prompts: z.array(z.unknown()).meta({ widget: 'prompts' }),
          nested: z.object({ a: z.string() }),
          lists: z.array(z.array(z.string())),
        }),
      ),
    ).toEqual({
      city: 'line',
      story: 'text',
      seconds: 'number',
      loud: 'switch',
      as: 'choice',
      options: 'table',
      prompts: 'prompts',
      nested: 'json',
      lists: 'json',
    });
  });

  it('keeps what the author wrote of a field through defaults and limits', () => {
    const seconds = z
      .number()
      .int()
      .min(1)
      .max(60)
      .default(5)
      .meta({ label: { 'zh-CN': '秒', en: 'Seconds' } });
    const [field] = fieldsOf(schemaOf(z.object({ seconds })));
    expect(field).toMatchObject({
      required: false,
      schema: { label: { en: 'Seconds' }, minimum: 1, maximum: 60, default: 5 },
    });
  });
});

describe('the name of a setting', () => {
  const options = z.array(z.object({ key: z.string().meta({ label: { 'zh-CN': '按键', en: 'Key' } }) }));
  const schema = schemaOf(
    z.object({
      options: options.meta({ label: { 'zh-CN': '选项', en: 'Options' } }),
      prompts: z.array(z.unknown()).meta({ label: { 'zh-CN': '播放内容', en: 'Said' } }),
    }),
  );
  const local = (text: { en: string } | null | undefined, fallback = '') => text?.en ?? fallback;

  it('is what its field is called', () => {
    expect(settingName('options.1.key', schema, local)).toBe('Options 2 Key');
    expect(settingName('prompts.0.text', schema, local)).toBe('Said 1');
    expect(settingName('unknown', schema, local)).toBe('unknown');
  });
});
