import type { LocalText } from '@jackfield/admin-ui/sdk';
import type { PhoneDevice } from '../contract.ts';

/** What the routes of this plugin answer. */
export interface DestinationView {
  readonly kind: string;
  readonly target: Readonly<Record<string, unknown>>;
  readonly label: string | null;
  readonly title: LocalText | null;
}
export interface NumberItem {
  readonly id: string;
  readonly number: string;
  readonly asGiven: string;
  readonly alias: string;
  readonly vip: boolean;
  readonly enabled: boolean;
  readonly destination: DestinationView;
}
export interface DestinationChoices {
  readonly kinds: readonly { readonly kind: string; readonly title: LocalText }[];
  readonly options: readonly {
    readonly kind: string;
    readonly title: LocalText;
    readonly target: Readonly<Record<string, unknown>>;
    readonly label: string;
  }[];
}
export interface ExtensionItem {
  readonly id: string;
  readonly number: string;
  readonly label: string;
  readonly domain: string;
  readonly userId: string | null;
  readonly userName: string | null;
  readonly device: PhoneDevice;
  readonly registered: boolean | null;
}
export interface CallItem {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly from: string;
  readonly fromName: string;
  readonly to: string;
  readonly alias: string;
  readonly vip: boolean;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: string | null;
  readonly cause: string | null;
  readonly agentName: string | null;
  readonly queueName: string | null;
  readonly waitMs: number;
  readonly talkMs: number;
  readonly holdMs: number;
  readonly recorded: boolean;
}
export interface CallStep {
  readonly id: string;
  readonly at: number;
  readonly kind: string;
  readonly legId: string | null;
  readonly userName: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
export interface CallDetails extends CallItem {
  readonly steps: readonly CallStep[];
}
export interface RecentItem {
  readonly callId: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly number: string | null;
  readonly displayNumber: string;
  readonly name: string;
  readonly at: number;
  readonly outcome: string | null;
}
