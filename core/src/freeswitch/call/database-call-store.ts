import type { PluginData } from '../../data/contract.ts';
import { CallEntity } from './call.entity.ts';
import type { CallStore } from './call-store.ts';

/** More calls than one node carries; a node with as many open rows as this has another fault. */
const MOST_CALLS = 10_000;

export function databaseCallStore(data: PluginData): CallStore {
  const calls = data.repo(CallEntity);
  /** Rows that exist, so that a change of a call is one UPDATE. */
  const known = new Set<string>();
  return {
    async save(state) {
      const row = { node: state.nodeId, state };
      if (known.has(state.id)) {
        await calls.update(state.id, row);
        return;
      }
      await calls.insert({ id: state.id, ...row });
      known.add(state.id);
    },
    async remove(id) {
      known.delete(id);
      await calls.deleteWhere({ id });
    },
    async load(node) {
      const rows = await calls.find({ node }, { orderBy: { id: 'asc' }, limit: MOST_CALLS });
      for (const row of rows) known.add(row.id);
      return rows.map((row) => row.state);
    },
  };
}
