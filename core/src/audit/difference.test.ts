import { expect, it } from 'vitest';
import { difference } from './difference.ts';

it('keeps the fields that differ', () => {
  const before = { name: 'a', tags: ['x'], gone: 1, updatedAt: 1 };
  const after = { name: 'b', tags: ['x'], added: null, updatedAt: 2 };
  expect(difference(before, after)).toEqual({
    before: { name: 'a', gone: 1 },
    after: { name: 'b', added: null },
  });
});

it('shows that a secret changed, and not to what', () => {
  const changed = difference(
    { password: 'a', mobile: '13800138000' },
    { password: 'b', mobile: '13900138000' },
  );
  expect(changed).toEqual({
    before: { password: '***', mobile: '138****8000' },
    after: { password: '***', mobile: '139****8000' },
  });
});

it('keeps the whole of what is new or gone', () => {
  expect(difference(undefined, { name: 'a' })).toEqual({ before: null, after: { name: 'a' } });
  expect(difference({ name: 'a' }, undefined)).toEqual({ before: { name: 'a' }, after: null });
});
