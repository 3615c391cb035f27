/** Settings declared in plugin.json (`contributes.settings`), each with a JSON Schema, a default and a level. */
export interface PluginSettings {
  /** The tenant's value, else the system's, else the default. Read from memory. */
  get<T = unknown>(key: string): T;
  /** VALIDATION_FAILED when it does not fit its schema, or another setting would lack what it needs. */
  set(key: string, value: unknown): Promise<void>;
  onChange(listener: (change: { key: string; tenantId: string | null }) => void): () => void;
}
