/** What the server's composition (core/src/boot) takes from here. */

export type { ActivationChange } from './activation.ts';
export { type CircuitReport, type Circuits, createCircuits } from './circuit.ts';
export type { Book, Capability, HostServices, MigratePlugins } from './host-services.ts';
export type { EntryMode, PluginIdentity } from './identity.ts';
export { createLifecycle, type PluginLifecycle } from './lifecycle.ts';
export { type LoadedPlugins, type LoadOptions, loadPlugins } from './load-plugins.ts';
export type { PluginManifest, PluginManifestInput, ProcessRole } from './manifest.ts';
export { pluginEntities } from './plugin.entity.ts';
export { registerPluginRoutes } from './routes/plugins.ts';
export { registerUiRoutes } from './routes/ui.ts';
export type { PluginStates, PluginStatus } from './states.ts';
export { createTenantGate, type TenantGate } from './tenant-gate.ts';
export { createTenantStore, savePluginStates } from './tenant-store.ts';
export { uiFolder, uiPrefix } from './ui-assets.ts';
