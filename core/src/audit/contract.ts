/** Append-only; written in the transaction of the change when there is one. Never a secret or a full number. */
export interface PluginAudit {
  record(entry: {
    /** `<thing>.<verb>`, such as `queue.update`. */
    readonly action: string;
    readonly target: { readonly type: string; readonly id: string; readonly label?: string };
    readonly before?: unknown;
    readonly after?: unknown;
  }): Promise<void>;
}
