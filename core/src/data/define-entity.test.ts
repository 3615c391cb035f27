import { describe, expect, expectTypeOf, it } from 'vitest';
import { bool, int, json, longText, oneOf, text, time } from './columns.ts';
import type { BaseRow, EntityDefinition, InsertRowOf, RowOf } from './contract.ts';
import { checkEntities, defineEntity } from './define-entity.ts';

const Call = defineEntity({
  table: 'telephony_call',
  columns: {
    caller: text(32),
    state: oneOf(['ringing', 'talking'], { default: 'ringing' }),
    kind: text<'in' | 'out'>(8, { default: 'in' }),
    endedAt: time({ nullable: true }),
    recorded: bool({ default: false }),
    data: json<{ a: number }>(),
  },
  indexes: [{ columns: ['caller', 'createdAt'] }, { columns: ['state'], unique: true }],
});

describe('an entity', () => {
  it('puts the tenant first in every index, and adds one for lists in the order of ids', () => {
    expect(Call.indexes).toEqual([
      { columns: ['tenantId', 'id'], unique: false },
      { columns: ['tenantId', 'caller', 'createdAt'], unique: false },
      { columns: ['tenantId', 'state'], unique: true },
    ]);
  });

  it('makes a unique column unique within the tenant, and in a system table everywhere', () => {
    const columns = { code: text(8, { unique: true }) };
    expect(defineEntity({ table: 'crm_tag', columns }).indexes).toContainEqual({
      columns: ['tenantId', 'code'],
      unique: true,
    });
    expect(defineEntity({ table: 'crm_tag', scope: 'system', columns }).indexes).toEqual([
      { columns: ['code'], unique: true },
    ]);
  });

  it('gives the types of its rows and of what an insert needs', () => {
    expectTypeOf<RowOf<typeof Call>>().toEqualTypeOf<{
      readonly id: string;
      readonly tenantId: string;
      readonly createdAt: number;
      readonly updatedAt: number;
      caller: string;
      state: 'ringing' | 'talking';
      kind: 'in' | 'out';
      endedAt: number | null;
      recorded: boolean;
      data: { a: number };
    }>();
    expectTypeOf<{ caller: string; data: { a: number } }>().toExtend<InsertRowOf<typeof Call>>();
    expectTypeOf<{ caller: string }>().not.toExtend<InsertRowOf<typeof Call>>();
    expectTypeOf<{ caller: string; data: { a: number }; state: 'other' }>().not.toExtend<
      InsertRowOf<typeof Call>
    >();
    expectTypeOf(Call).toExtend<EntityDefinition<BaseRow>>();
  });

  it.each([
    ['a table without a plugin', 'call', {}, 'snake_case'],
    ['a table in camelCase', 'telephony_callLog', {}, 'snake_case'],
    ['a column in snake_case', 'a_b', { ended_at: time() }, 'camelCase'],
    ['a column that SQL could break out of', 'a_b', { 'x"; DROP': time() }, 'camelCase'],
    ['a column that is added anyway', 'a_b', { tenantId: text(8) }, 'added by defineEntity'],
    ['a column that every object has', 'a_b', { constructor: text(8) }, 'every object'],
    [
      'columns that MySQL cannot tell apart',
      'a_b',
      { userId: text(8), userid: text(8) },
      'differ only in case',
    ],
    ['a text without a length', 'a_b', { name: text(0) }, 'length'],
    ['a row wider than MySQL takes', 'a_b', { one: text(10_000), two: text(7_000) }, '65535'],
    ['a name longer than MySQL takes', `a_${'b'.repeat(63)}`, {}, '64'],
  ])('refuses %s', (_what, table, columns, reason) => {
    expect(() => defineEntity({ table, columns })).toThrow(
      expect.objectContaining({ code: 'PLUGIN_INVALID', message: expect.stringContaining(reason) }),
    );
  });

  it('refuses an index that MySQL could not hold', () => {
    const columns = { name: text(700), url: text(600), body: longText(), n: int() };
    const index = (...names: ('name' | 'url' | 'body' | 'n')[]) =>
      defineEntity({ table: 'a_b', columns, indexes: [{ columns: names }] });
    expect(() => index('name', 'n')).not.toThrow();
    expect(() => index('name', 'url')).toThrow('takes 5304 bytes');
    expect(() => index('body')).toThrow('too long');
    expect(() => index('n', 'n')).toThrow('twice');
    expect(() => index('nope' as 'n')).toThrow('which is no column');
  });
});

describe('the entities of a plugin', () => {
  it('must carry its prefix, be there once, and belong to tenants unless the plugin is the system', () => {
    const make = (table: string, scope: 'tenant' | 'system' = 'tenant') =>
      defineEntity({ table, scope, columns: {} });
    expect(checkEntities('open-api', [make('open_api_key')], { systemTables: false })).toEqual([]);
    expect(checkEntities('crm', [make('core_user')], { systemTables: false })).toEqual([
      'Table core_user of plugin crm must begin with crm_.',
    ]);
    expect(checkEntities('crm', [make('crm_a'), make('crm_a')], { systemTables: false })).toEqual([
      'Table crm_a is defined twice.',
    ]);
    const system = [make('crm_a', 'system')];
    expect(checkEntities('crm', system, { systemTables: false })).toHaveLength(1);
    expect(checkEntities('crm', system, { systemTables: true })).toEqual([]);
  });
});
