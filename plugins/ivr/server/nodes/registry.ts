import { JackfieldError } from '@jackfield/core/sdk';
import type { NodeType } from '../../contract.ts';
import type { NodeTypes } from '../interpreter/step.ts';

export interface NodeRegistry {
  /**
   * Own types have plain names, a plugin's are `<plugin>.<name>`: PLUGIN_INVALID otherwise, CONFLICT when the
   * name is taken. Returns the undo.
   */
  add(pluginId: string, type: NodeType): () => void;
  /** Those whose plugins are active by `isActive`, in the order they came. */
  types(isActive: (pluginId: string) => boolean): NodeTypes;
}

const OWN_NAME = /^[a-z][a-z0-9-]{0,30}$/;

/** `ownId`: the plugin whose types have plain names, and which is there wherever a flow runs. */
export function createNodeRegistry(ownId: string): NodeRegistry {
  const entries = new Map<string, { readonly pluginId: string; readonly type: NodeType }>();
  return {
    add(pluginId, type) {
      const prefix = pluginId === ownId ? '' : `${pluginId}.`;
      const name = type.type.startsWith(prefix) ? type.type.slice(prefix.length) : '';
      if (!OWN_NAME.test(name)) {
        throw new JackfieldError(
          'PLUGIN_INVALID',
          `The IVR node type "${type.type}" of plugin "${pluginId}" must be named ${prefix}<name>.`,
          { details: { plugin: pluginId, type: type.type } },
        );
      }
      if (entries.has(type.type)) {
        throw new JackfieldError('CONFLICT', `The IVR node type "${type.type}" is there already.`);
      }
      entries.set(type.type, { pluginId, type });
      return () => entries.delete(type.type);
    },
    types(isActive) {
      const active = [...entries].filter(([, { pluginId }]) => pluginId === ownId || isActive(pluginId));
      return new Map(active.map(([name, { type }]) => [name, type]));
    },
  };
}
