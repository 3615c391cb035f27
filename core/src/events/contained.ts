import { JackfieldError } from '../errors/index.ts';
import type { Circuits } from '../plugins/circuit.ts';

/**
 * Runs code of a plugin at one extension point: refused with PLUGIN_CIRCUIT_OPEN while the point rests, and a
 * throw is counted there and passed on. An answer such as NOT_FOUND (below 500) is no fault of the plugin.
 */
export async function contained<T>(
  circuits: Pick<Circuits, 'allows' | 'failed'>,
  pluginId: string,
  point: string,
  fn: () => T | Promise<T>,
): Promise<T> {
  if (!circuits.allows(point))
    throw new JackfieldError('PLUGIN_CIRCUIT_OPEN', undefined, { details: { plugin: pluginId, point } });
  try {
    return await fn();
  } catch (error) {
    if (!JackfieldError.is(error) || error.status >= 500) circuits.failed(point, pluginId, error);
    throw error;
  }
}
