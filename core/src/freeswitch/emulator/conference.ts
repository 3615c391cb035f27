/** Conferences (mod_conference): members, their switches, and `conference::maintenance` events. No audio is mixed. */
import type { Channel } from './channel.ts';
import type { Header } from './event-message.ts';
import { runMessages } from './execute.ts';
import type { SwitchCore } from './switch-core.ts';

const TALK_AFTER_MS = 60;

export interface Member {
  readonly id: number;
  readonly channel: Channel;
  readonly joinedUs: number;
  canHear: boolean;
  canSpeak: boolean;
  held: boolean;
  talking: boolean;
  volumeIn: number;
  volumeOut: number;
  kicked: boolean;
}

export class Conference {
  readonly name: string;
  readonly profile: string;
  readonly uuid: string;
  readonly startedUs: number;
  readonly members: Member[] = [];
  readonly recordings = new Set<string>();
  locked = false;
  floor: Member | null = null;
  readonly #core: SwitchCore;
  #nextId = 1;

  constructor(core: SwitchCore, name: string, profile: string) {
    this.#core = core;
    this.name = name;
    this.profile = profile;
    this.uuid = core.newUuid();
    this.startedUs = core.clock.nowUs();
    core.conferences.set(name, this);
    this.fire('conference-create');
  }

  /** Runs on the thread of the channel until it leaves, is kicked or hangs up. */
  async join(channel: Channel): Promise<void> {
    const member: Member = {
      id: this.#nextId++,
      channel,
      joinedUs: this.#core.clock.nowUs(),
      canHear: true,
      canSpeak: true,
      held: false,
      talking: false,
      volumeIn: 0,
      volumeOut: 0,
      kicked: false,
    };
    this.members.push(member);
    this.fireMember('add-member', member);
    this.#talkSoon(member);
    while (channel.ready && !member.kicked) {
      await runMessages(channel);
      while (channel.digits.length > 0) channel.takeDigit();
      channel.breakRequest = 'none';
      if (channel.ready && !member.kicked) await channel.idle();
    }
    this.#leave(member);
  }

  #leave(member: Member): void {
    const index = this.members.indexOf(member);
    if (index >= 0) this.members.splice(index, 1);
    if (this.floor === member) {
      this.floor = null;
      this.#giveFloor();
      if (this.floor === null)
        this.fire('floor-change', [
          ['Old-ID', String(member.id)],
          ['New-ID', 'none'],
        ]);
    }
    this.fireMember('del-member', member);
    if (this.members.length === 0) {
      this.#core.conferences.delete(this.name);
      this.fire('conference-destroy');
    }
  }

  #talkSoon(member: Member): void {
    this.#core.clock.after(TALK_AFTER_MS, () => {
      if (!this.members.includes(member) || member.talking || !member.canSpeak || member.held) return;
      member.talking = true;
      this.fireMember('start-talking', member);
      if (this.floor === null) this.#giveFloor();
    });
  }

  #giveFloor(): void {
    const next = this.members.find((m) => m.talking);
    if (!next) return;
    this.floor = next;
    this.fireMember('floor-change', next, [['New-ID', String(next.id)]]);
  }

  setSpeak(member: Member, on: boolean): void {
    member.canSpeak = on;
    if (!on) member.talking = false;
    this.fireMember(on ? 'unmute-member' : 'mute-member', member);
    if (on) this.#talkSoon(member);
    else if (this.floor === member) {
      this.floor = null;
      this.#giveFloor();
    }
  }

  setHear(member: Member, on: boolean): void {
    member.canHear = on;
    this.fireMember(on ? 'undeaf-member' : 'deaf-member', member);
  }

  setHold(member: Member, on: boolean): void {
    member.held = on;
    if (on) member.talking = false;
    this.fireMember(on ? 'hold-member' : 'unhold-member', member);
    if (!on) this.#talkSoon(member);
  }

  kick(member: Member): void {
    this.fireMember('kick-member', member);
    member.kicked = true;
    member.channel.wake();
  }

  member(id: string): Member | null {
    return this.members.find((m) => String(m.id) === id) ?? null;
  }

  fire(action: string, more: readonly Header[] = []): void {
    this.#core.fireCustom('conference::maintenance', [...this.#headers(), ['Action', action], ...more]);
  }

  fireMember(action: string, member: Member, more: readonly Header[] = []): void {
    const event = this.#core.event('CUSTOM', 'conference::maintenance');
    const data = member.channel.event('CHANNEL_STATE').headers;
    const from = data.findIndex(([name]) => name === 'Channel-State');
    event.headers.push(...this.#headers(), ['Floor', String(this.floor === member)], ...data.slice(from));
    event.headers.push(
      ['Video', 'false'],
      ['Hear', String(member.canHear)],
      ['See', 'true'],
      ['Speak', String(member.canSpeak)],
      ['Talking', String(member.talking)],
      ['Mute-Detect', 'false'],
      ['Hold', String(member.held)],
      ['Member-ID', String(member.id)],
      ['Member-Type', 'member'],
      ['Member-Ghost', 'false'],
      ['Energy-Level', '100'],
      ['Current-Energy', member.talking ? '4916' : '0'],
      ['Action', action],
      ...more,
    );
    this.#core.publish(event);
  }

  #headers(): Header[] {
    return [
      ['Conference-Name', this.name],
      ['Conference-Domain', this.#core.options.domain],
      ['Conference-Size', String(this.members.length)],
      ['Conference-Ghosts', '0'],
      ['Conference-Profile-Name', this.profile],
      ['Conference-Unique-ID', this.uuid],
    ];
  }
}

/** `room1@cc+flags{}`: name, profile, and what comes after `+`. */
export function parseConference(arg: string): { name: string; profile: string } {
  const plain = arg.split('+')[0] ?? arg;
  const [name = '', profile = 'default'] = plain.trim().split('@');
  return { name, profile };
}
