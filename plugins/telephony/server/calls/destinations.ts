import { JackfieldError, type z } from '@jackfield/core/sdk';
import type { Destination, DestinationRef } from '../../contract.ts';

/** A destination and the plugin that offers it. */
export interface RegisteredDestination {
  readonly pluginId: string;
  readonly destination: Destination;
}

export interface Destinations {
  add(pluginId: string, destination: Destination): () => void;
  /** CALL_STATE when no plugin that is active for this call offers the kind. */
  find(ref: DestinationRef, isActive: (pluginId: string) => boolean): RegisteredDestination;
  all(): readonly RegisteredDestination[];
}

export function createDestinations(): Destinations {
  const byKind = new Map<string, RegisteredDestination>();
  return {
    add(pluginId, destination) {
      const present = byKind.get(destination.kind);
      if (present) {
        throw new JackfieldError('CONFLICT', `Destination "${destination.kind}" is already offered by ${present.pluginId}.`);
      }
      byKind.set(destination.kind, { pluginId, destination });
      return () => byKind.delete(destination.kind);
    },
    find(ref, isActive) {
      const found = byKind.get(ref.kind);
      if (!found || !isActive(found.pluginId)) {
        throw new JackfieldError('CALL_STATE', `No active plugin offers the destination "${ref.kind}".`, {
          details: { kind: ref.kind },
        });
      }
      return found;
    },
    all: () => [...byKind.values()],
  };
}

/** Keeps the type of the target between its schema and its `run`. */
export function anyDestination<T extends z.ZodType>(destination: Destination<T>): Destination {
  return destination as unknown as Destination;
}
