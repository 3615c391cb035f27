/** As `GET /api/interactions` tells it. Times are epoch milliseconds. */
export interface ContactRecord {
  readonly id: string;
  readonly channel: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  /** Null unless the reader may see numbers. */
  readonly address: string | null;
  readonly displayAddress: string;
  /** Empty when nobody knows it. */
  readonly name: string;
  readonly via: string;
  readonly ref: { readonly plugin: string; readonly id: string };
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly outcome: string | null;
}
export const directions = ['inbound', 'outbound', 'internal'] as const;

/** One line of a timeline. */
export interface Entry {
  readonly id: string;
  /** `<plugin>.<what>`. */
  readonly kind: string;
  readonly at: number;
  readonly userId: string | null;
  readonly userName: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
/** `GET /api/interactions/:id`. */
export interface ContactWithTimeline extends ContactRecord {
  readonly timeline: readonly Entry[];
}
