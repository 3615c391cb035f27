import type { Logger } from 'pino';
import type { ProvisioningLookup } from '../freeswitch/provisioning/contract.ts';
import { createProvisioning } from '../freeswitch/provisioning/provisioning.ts';
import { refreshProvisioning } from '../freeswitch/provisioning/refresh.ts';
import type { Switch } from '../freeswitch/switch/contract.ts';
import type { Http } from '../http/index.ts';

export interface SwitchProvisioning {
  readonly http: Pick<Http, 'use'>;
  readonly node: Pick<Switch, 'listen' | 'api' | 'state'>;
  readonly lookup: ProvisioningLookup;
  /** SWITCH_SECRET. */
  readonly secret: string;
  readonly log: Logger;
}

/**
 * `POST /switch/xml` for mod_xml_curl. A switch that started before us got no answer, and asks for gateways and
 * carriers only when it is told to: at each connection, from `listening` on, which is called once we can answer.
 */
export function serveProvisioning({ http, node, lookup, secret, log }: SwitchProvisioning): {
  /** Returns its undo. */
  listening(): () => void;
} {
  const respond = createProvisioning({ secret, lookup });
  http.use(async (ctx, next) => {
    if (ctx.path === '/switch/xml' && ctx.method === 'POST') await respond(ctx);
    else await next();
  });
  const tell = () => {
    refreshProvisioning(node).catch((error: unknown) => {
      // Gone again before it was told: the next connection tells it.
      log.warn({ err: error }, 'the switch could not be told to read gateways and carriers again');
    });
  };
  return {
    listening() {
      tell();
      return node.listen({ onEvent: () => undefined, onResync: () => undefined, onState: tell });
    },
  };
}
