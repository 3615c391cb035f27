import type { Database } from '../data/database.ts';
import type { Switch, SwitchState } from '../freeswitch/switch/contract.ts';
import type { Http } from '../http/index.ts';
import type { PluginStates } from '../plugins/index.ts';

/** What `/readyz` asks: the database, the switch, and whether any plugin was set aside. */
export function reportReadiness(
  http: Http,
  { database, node, states }: { database: Database; node: Switch; states: PluginStates },
): void {
  http.onReady({ name: 'database', check: () => database.ping().then(() => null) });
  http.onReady({ name: 'switch', check: () => switchProblem(node.state) });
  http.onReady({
    name: 'plugins',
    check() {
      const fallen = states.list().filter(({ state }) => state === 'quarantined');
      return fallen.length === 0
        ? null
        : fallen.map(({ id, failure }) => `${id}: ${failure?.reason}`).join('; ');
    },
  });
}

/** What keeps us from the switch, as the last attempt said it. */
function switchProblem(state: SwitchState): string | null {
  if (state.state === 'connected') return null;
  return state.state === 'connecting' && state.lastError !== null
    ? `not connected: ${state.lastError}`
    : 'not connected';
}
