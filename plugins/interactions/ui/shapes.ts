/** What the routes of this plugin answer. */
export interface InteractionItem {
  readonly id: string;
  readonly channel: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly displayAddress: string;
  readonly name: string;
  readonly via: string;
  readonly ref: { readonly plugin: string; readonly id: string };
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly outcome: string | null;
}
export interface TimelineItem {
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly userName: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
export interface InteractionDetails extends InteractionItem {
  readonly timeline: readonly TimelineItem[];
}
