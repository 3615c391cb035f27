import { expect, it } from 'vitest';
import { createUndoBook } from './undo-book.ts';

it('undoes everything of one plugin, last first, even when one of them throws', () => {
  const book = createUndoBook();
  const undone: string[] = [];
  book.add('crm', () => undone.push('first'));
  book.add('crm', () => {
    throw new Error('stuck');
  });
  book.add('crm', () => undone.push('last'));
  book.add('ivr', () => undone.push('other'));
  expect(book.undoAll('crm')).toEqual([new Error('stuck')]);
  expect(undone).toEqual(['last', 'first']);
  expect(book.count('crm')).toBe(0);
  expect(book.count('ivr')).toBe(1);
});

it('undoes a thing once, whoever asks first', () => {
  const book = createUndoBook();
  let undone = 0;
  const undo = book.add('crm', () => {
    undone += 1;
  });
  undo();
  undo();
  book.undoAll('crm');
  expect(undone).toBe(1);
});
