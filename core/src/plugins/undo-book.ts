/**
 * Whatever a plugin registers anywhere is written down here under its id, so that quarantine and stop take
 * all of it back without knowing what it was.
 */
export interface UndoBook {
  /** Returns the same undo, made to work once and to strike itself from the book. */
  add(pluginId: string, undo: () => void): () => void;
  /** Undoes everything of this plugin, last first. One that throws does not keep the others; all are returned. */
  undoAll(pluginId: string): unknown[];
  count(pluginId: string): number;
}

export function createUndoBook(): UndoBook {
  const book = new Map<string, Set<() => void>>();
  return {
    add(pluginId, undo) {
      const entries = book.get(pluginId) ?? new Set();
      book.set(pluginId, entries);
      const once = () => {
        if (entries.delete(once)) undo();
      };
      entries.add(once);
      return once;
    },
    undoAll(pluginId) {
      const errors: unknown[] = [];
      for (const undo of [...(book.get(pluginId) ?? [])].reverse()) {
        try {
          undo();
        } catch (error) {
          errors.push(error);
        }
      }
      return errors;
    },
    count: (pluginId) => book.get(pluginId)?.size ?? 0,
  };
}
