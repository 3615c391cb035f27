/** As `GET /api/voicemail/messages` tells it. Times are epoch milliseconds. */
export interface Message {
  readonly id: string;
  readonly callId: string;
  readonly boxName: string;
  /** As the reader may see it; empty when it was withheld. */
  readonly number: string;
  readonly name: string;
  readonly startedAt: number;
  readonly ms: number | null;
  readonly size: number | null;
  readonly state: 'stored' | 'missing' | 'failed';
  readonly heardAt: number | null;
  readonly heardBy: string | null;
}
export interface Box {
  readonly id: string;
  readonly name: string;
  readonly greeting: string;
  readonly locale: 'zh-CN' | 'en';
  readonly maxSeconds: number;
  readonly enabled: boolean;
}
