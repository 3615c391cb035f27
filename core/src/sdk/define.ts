import type { Contract, PluginDefinition } from '../plugins/contract.ts';

/** The default export of a plugin's server entry. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition;
}

/** A token for what plugin `plugin` offers; matched by that id, so any copy of the token will do. */
export function defineContract<Api>(plugin: string): Contract<Api> {
  return { plugin };
}
