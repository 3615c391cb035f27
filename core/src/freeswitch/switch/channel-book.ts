import type { SwitchEvent } from '../event-socket/switch-event.ts';
import type { ChannelSnapshot } from './contract.ts';

interface Channel {
  partner: string | null;
  readonly recordings: Set<string>;
}

/**
 * The channels that the events have told of: enough to check a resync against the table of FreeSWITCH, which is
 * written in the background and can lack the newest, and to know the partner of a leg. No call logic.
 */
export class ChannelBook {
  private readonly channels = new Map<string, Channel>();

  get ids(): Iterable<string> {
    return this.channels.keys();
  }

  has(uuid: string): boolean {
    return this.channels.has(uuid);
  }

  partnerOf(uuid: string): string | null {
    return this.channels.get(uuid)?.partner ?? null;
  }

  isRecording(uuid: string, path: string): boolean {
    return this.channels.get(uuid)?.recordings.has(path) ?? false;
  }

  see(event: SwitchEvent): void {
    const { uuid } = event;
    if (uuid === null) return;
    switch (event.name) {
      case 'CHANNEL_CREATE':
      case 'CHANNEL_ANSWER':
      case 'CHANNEL_PARK':
        this.open(uuid);
        return;
      case 'CHANNEL_BRIDGE':
        this.bridge(uuid, event.get('Bridge-B-Unique-ID') ?? event.get('Other-Leg-Unique-ID'));
        return;
      case 'CHANNEL_UNBRIDGE':
        this.split(uuid);
        return;
      case 'RECORD_START':
        this.open(uuid).recordings.add(event.get('Record-File-Path') ?? '');
        return;
      case 'RECORD_STOP':
        this.channels.get(uuid)?.recordings.delete(event.get('Record-File-Path') ?? '');
        return;
      case 'CHANNEL_HANGUP':
      case 'CHANNEL_HANGUP_COMPLETE':
        this.close(uuid);
    }
  }

  /** Takes over what a resync found; returns the channels that were known and are gone. */
  replace(snapshots: readonly ChannelSnapshot[]): string[] {
    const alive = new Map(
      snapshots.flatMap((channel) => (channel.dump ? [[channel.uuid, channel] as const] : [])),
    );
    const gone = [...this.channels.keys()].filter((uuid) => !alive.has(uuid));
    for (const uuid of gone) this.close(uuid);
    for (const channel of alive.values()) this.open(channel.uuid).partner = channel.bridgedTo;
    return gone;
  }

  clear(): void {
    this.channels.clear();
  }

  private open(uuid: string): Channel {
    const known = this.channels.get(uuid);
    if (known) return known;
    const channel: Channel = { partner: null, recordings: new Set() };
    this.channels.set(uuid, channel);
    return channel;
  }

  private bridge(a: string, b: string | null): void {
    if (b === null) return;
    this.split(a);
    this.split(b);
    this.open(a).partner = b;
    this.open(b).partner = a;
  }

  private split(uuid: string): void {
    const channel = this.channels.get(uuid);
    const partner = channel?.partner ? this.channels.get(channel.partner) : undefined;
    if (partner?.partner === uuid) partner.partner = null;
    if (channel) channel.partner = null;
  }

  private close(uuid: string): void {
    this.split(uuid);
    this.channels.delete(uuid);
  }
}
