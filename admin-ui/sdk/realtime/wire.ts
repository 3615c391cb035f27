/** The wire shapes of core/src/realtime/contract.ts, as the browser sees them. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}
export interface StreamMessage {
  readonly stream: string;
  readonly epoch: string;
  readonly seq: number;
  readonly type: string;
  readonly data: unknown;
  /** Epoch milliseconds, the server's clock. */
  readonly at: number;
}
export type SubscribeReply =
  | {
      readonly ok: true;
      readonly kind: 'snapshot';
      readonly epoch: string;
      readonly seq: number;
      readonly snapshot: unknown;
    }
  | {
      readonly ok: true;
      readonly kind: 'resumed';
      readonly epoch: string;
      readonly seq: number;
      readonly missed: readonly StreamMessage[];
    }
  | { readonly ok: false; readonly code: string; readonly message: string };
