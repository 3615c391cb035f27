import type { PluginHooks } from '../../hooks/contract.ts';
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
  const ofEach = async <T>(run: () => Promise<readonly T[]>) => {
    const found: T[] = [];
    for (const { id } of await tenants.all()) found.push(...(await within(id, run)));
    return found;
  };
  return {
    async user(name, domain) {
      const tenant = await tenants.bySlug(domain.split('.')[0] ?? '');
      return tenant ? ((await within(tenant.id, () => user.run({ user: name, domain }))) ?? null) : null;
    },
    gateways: (profile) => ofEach(async () => (await gateways.run({ profile, gateways: [] })).gateways),
    carriers: () => ofEach(async () => (await carriers.run({ carriers: [] })).carriers),
  };
}
