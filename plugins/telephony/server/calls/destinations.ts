import { JackfieldError, type z } from '@jackfield/core/sdk';
import type { Destination, DestinationRef } from '../../contract.ts';

/** Who offers a destination: a consumer of the contract, or telephony itself. */
export interface Offerer {
  readonly pluginId: string;
  /** In the tenant of the scope. */
  isActive(): boolean;
}
/** A destination and the plugin that offers it. */
export interface RegisteredDestination {
  readonly by: Offerer;
  readonly destination: Destination;
}

export interface Destinations {
  add(by: Offerer, destination: Destination): () => void;
  /** CALL_STATE when no plugin that is active for this call offers the kind. */
  find(ref: DestinationRef, isActive: (pluginId: string) => boolean): RegisteredDestination;
  /** Of plugins that are active in the scope. */
  active(): readonly RegisteredDestination[];
}

export function createDestinations(): Destinations {
  const byKind = new Map<string, RegisteredDestination>();
  return {
    add(by, destination) {
      const present = byKind.get(destination.kind);
      if (present) {
        throw new JackfieldError(
          'CONFLICT',
          `Destination "${destination.kind}" is already offered by ${present.by.pluginId}.`,
        );
      }
      const entry = { by, destination };
      byKind.set(destination.kind, entry);
      return () => {
        if (byKind.get(destination.kind) === entry) byKind.delete(destination.kind);
      };
    },
    find(ref, isActive) {
      const found = byKind.get(ref.kind);
      if (!found || !isActive(found.by.pluginId)) {
        throw new JackfieldError('CALL_STATE', `No active plugin offers the destination "${ref.kind}".`, {
          details: { kind: ref.kind },
        });
      }
      return found;
    },
    active: () => [...byKind.values()].filter(({ by }) => by.isActive()),
  };
}

/** Keeps the type of the target between its schema and its `run`. */
export function anyDestination<T extends z.ZodType>(destination: Destination<T>): Destination {
  return destination as unknown as Destination;
}
