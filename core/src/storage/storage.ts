import { scope } from '../tenants/scope.ts';
import type { PluginStorage } from './contract.ts';
import type { StorageDriver } from './driver.ts';
import { checkStorageKey } from './storage-key.ts';

export interface Storage {
  start(): Promise<void>;
  forPlugin(pluginId: string): PluginStorage;
}

/** Puts the tenant of the scope and the plugin in front of every key; outside a tenant, TENANT_REQUIRED. */
export function createStorage(deps: { readonly driver: StorageDriver }): Storage {
  const { driver } = deps;
  return {
    start: () => driver.start(),
    forPlugin(pluginId) {
      const path = (key: string): string => {
        checkStorageKey(key);
        return `${scope.tenantId()}/${pluginId}/${key}`;
      };
      return {
        put: async (key, content, options = {}) =>
          driver.put(path(key), content, { contentType: options.contentType }),
        adopt: async (key, localPath) => driver.adopt(path(key), localPath),
        stat: async (key) => driver.stat(path(key)),
        read: async (key, range) => driver.read(path(key), range),
        delete: async (key) => driver.delete(path(key)),
        pathForSwitch: async (key) => driver.pathForSwitch(path(key)),
      };
    },
  };
}
