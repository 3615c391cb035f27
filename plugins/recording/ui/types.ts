export interface RecordingSide {
  readonly kind: 'customer' | 'agent';
  readonly name: string | null;
  readonly displayNumber: string | null;
}
/** As `GET /api/recording/of-call/:callId` tells it. Times are epoch milliseconds. */
export interface Recording {
  readonly id: string;
  readonly callId: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly ms: number | null;
  readonly channels: number;
  readonly format: string;
  readonly state: 'recording' | 'stored' | 'missing' | 'failed';
  readonly size: number | null;
  readonly left: RecordingSide;
  readonly right: RecordingSide;
  readonly queue: string | null;
  readonly mayDownload: boolean;
}
