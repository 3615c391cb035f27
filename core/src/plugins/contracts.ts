import { JackfieldError } from '../errors/index.ts';
import type { Consumer, Contract, PluginContext } from './contract.ts';
import type { Book } from './host-services.ts';
import type { PluginIdentity } from './identity.ts';
import { satisfies } from './order.ts';

export type PluginContracts = Pick<PluginContext, 'provide' | 'use' | 'useOptional'>;

export interface ContractRegistry {
  forPlugin(plugin: PluginIdentity, book: Book): PluginContracts;
  /** Nothing is provided after this. */
  freeze(): void;
}

export interface ContractEnvironment {
  /** The version of a plugin that is installed and not quarantined, else undefined. */
  readonly versionOf: (pluginId: string) => string | undefined;
  readonly isActive: (pluginId: string) => boolean;
}

type Make = (consumer: Consumer) => unknown;

/** Keeps what plugins offer each other, by plugin id, and one API object per provider and consumer. */
export function createContracts(env: ContractEnvironment): ContractRegistry {
  const providers = new Map<string, { readonly make: Make; readonly made: Map<string, unknown> }>();
  let frozen = false;

  function provide(plugin: PluginIdentity, book: Book, target: string, make: Make): void {
    if (target !== plugin.id) throw fault(plugin, `may not provide the contract of "${target}"`);
    if (frozen) throw fault(plugin, 'may provide its contract only in setup');
    if (providers.has(plugin.id)) throw fault(plugin, 'provides its contract twice');
    providers.set(plugin.id, { make, made: new Map() });
    book(() => providers.delete(plugin.id));
  }

  function find(plugin: PluginIdentity, book: Book, target: string): { readonly api: unknown } | null {
    const provider = env.versionOf(target) === undefined ? undefined : providers.get(target);
    if (!provider) return null;
    if (!provider.made.has(plugin.id)) {
      const consumer: Consumer = {
        pluginId: plugin.id,
        isActive: () => env.isActive(plugin.id),
        onUndo: (undo) => {
          book(undo);
        },
      };
      provider.made.set(plugin.id, provider.make(consumer));
      book(() => provider.made.delete(plugin.id));
    }
    return { api: provider.made.get(plugin.id) };
  }

  // The token carries the type and the registry keeps the value: this is the one place where they meet.
  const typed = <Api>(found: { readonly api: unknown }): Api => found.api as Api;

  return {
    forPlugin: (plugin, book) => ({
      provide<Api>(contract: Contract<Api>, make: (consumer: Consumer) => Api) {
        provide(plugin, book, contract.plugin, make);
      },
      use<Api>(contract: Contract<Api>): Api {
        if (!(contract.plugin in plugin.manifest.requires)) {
          throw fault(plugin, `uses "${contract.plugin}" without naming it in "requires" of plugin.json`);
        }
        const found = find(plugin, book, contract.plugin);
        if (!found) throw fault(plugin, `uses the contract of "${contract.plugin}", which provides none`);
        return typed<Api>(found);
      },
      useOptional<Api>(contract: Contract<Api>): Api | null {
        const { requires, optional } = plugin.manifest;
        const range = optional[contract.plugin] ?? requires[contract.plugin];
        if (range === undefined) {
          throw fault(plugin, `uses "${contract.plugin}" without naming it in "optional" of plugin.json`);
        }
        const version = env.versionOf(contract.plugin);
        if (version === undefined || !satisfies(version, range)) return null;
        const found = find(plugin, book, contract.plugin);
        return found && typed<Api>(found);
      },
    }),
    freeze() {
      frozen = true;
    },
  };
}

function fault(plugin: PluginIdentity, what: string): JackfieldError {
  return new JackfieldError('PLUGIN_INVALID', `Plugin "${plugin.id}" ${what}.`, {
    details: { plugin: plugin.id },
  });
}
