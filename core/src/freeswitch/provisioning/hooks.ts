import type { PayloadOf, PluginHooks } from '../../hooks/contract.ts';
import { scope } from '../../tenants/scope.ts';
import type { ProvisioningLookup } from './contract.ts';

/** Each tenant's phones have a SIP domain of their own; its first label is the tenant's slug. */
export interface TenantIds {
  bySlug(slug: string): Promise<{ readonly id: string } | null>;
  all(): Promise<readonly { readonly id: string }[]>;
}

/**
 * What the switch asks is answered by the plugins of the tenant it concerns, in that tenant's scope, so that a
 * plugin that is off there answers nothing.
 */
export function provisioningByHooks(hooks: PluginHooks, tenants: TenantIds): ProvisioningLookup {
  const user = hooks.declare('switch:user', {
    kind: 'decide',
    description: 'A phone registers or is called: whose account is it?',
  });
  const gateways = hooks.declare('switch:gateways', {
    kind: 'filter',
    description: 'Gateways of a SIP profile.',
  });
  const carriers = hooks.declare('switch:carriers', {
    kind: 'filter',
    description: 'Who may call in over the trunk profile.',
  });
  const within = <T>(tenantId: string, run: () => Promise<T>) => scope.runAsSystem(tenantId, 'switch', run);
  /** One list for the node: each tenant's plugins see what those before them have put there. */
  const throughAll = async <P>(begin: P, run: (payload: P) => Promise<P>) => {
    let payload = begin;
    for (const { id } of await tenants.all()) payload = await within(id, () => run(payload));
    return payload;
  };
  return {
    async user(name, domain) {
      const tenant = await tenants.bySlug(domain.split('.')[0] ?? '');
      return tenant ? ((await within(tenant.id, () => user.run({ user: name, domain }))) ?? null) : null;
    },
    async gateways(profile) {
      const begin = { profile, gateways: [] };
      return (await throughAll<PayloadOf<'switch:gateways'>>(begin, (all) => gateways.run(all))).gateways;
    },
    async carriers() {
      return (await throughAll<PayloadOf<'switch:carriers'>>({ carriers: [] }, (all) => carriers.run(all)))
        .carriers;
    },
  };
}
