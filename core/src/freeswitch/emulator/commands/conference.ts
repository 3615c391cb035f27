import type { ApiRegistry } from '../api.ts';
import type { Conference, Member } from '../conference.ts';
import { percentEncode, xmlText } from '../encode.ts';
import type { SwitchCore } from '../switch-core.ts';

export function addConferenceCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('conference', (args) => {
    const words = args.trim().split(/\s+/);
    const [name = '', verb = '', ...rest] = words;
    if (name === 'list') return all(core).map(listWithHead).join('');
    if (name === 'json_list') return jsonList(core, all(core));
    if (name === 'xml_list') return xmlList(core, all(core));
    const room = core.conferences.get(name);
    if (!room) return `-ERR Conference ${name} not found\n`;
    return command(core, room, verb, rest);
  });
}

const all = (core: SwitchCore) => [...core.conferences.values()];

function command(core: SwitchCore, room: Conference, verb: string, args: readonly string[]): string {
  switch (verb) {
    case 'list':
      return `${newestFirst(room)
        .map((member) => listLine(room, member))
        .join('')}\n`.replace(/\n\n$/, '\n');
    case 'json_list':
      return jsonList(core, [room]);
    case 'xml_list':
      return xmlList(core, [room]);
    case 'lock':
    case 'unlock':
      room.locked = verb === 'lock';
      room.fire(verb);
      return `+OK ${room.name} ${verb}ed\n`;
    case 'play':
      return play(core, room, args);
    case 'recording':
      return recording(room, args);
    case 'relate':
      return '+OK No relationships\n';
    case 'kick':
    case 'hup':
    case 'mute':
    case 'unmute':
    case 'deaf':
    case 'undeaf':
    case 'hold':
    case 'unhold':
    case 'volume_in':
    case 'volume_out':
    case 'dtmf':
      return forMembers(room, verb, args);
    default:
      return `-ERR Conference command '${verb}' not found.\n`;
  }
}

function newestFirst(room: Conference): readonly Member[] {
  return [...room.members].reverse();
}

function forMembers(room: Conference, verb: string, args: readonly string[]): string {
  const [id = '', value = ''] = args;
  if (id === 'all') {
    return newestFirst(room)
      .map((member) => act(room, verb, member, value))
      .join('');
  }
  const member = id === 'last' ? newestFirst(room)[0] : room.member(id);
  return member ? act(room, verb, member, value) : `-ERR Non-Existant ID ${id}\n`;
}

function act(room: Conference, verb: string, member: Member, value: string): string {
  switch (verb) {
    case 'mute':
    case 'unmute':
      room.setSpeak(member, verb === 'unmute');
      break;
    case 'deaf':
    case 'undeaf':
      room.setHear(member, verb === 'undeaf');
      break;
    case 'hold':
    case 'unhold':
      room.setHold(member, verb === 'hold');
      break;
    case 'kick':
    case 'hup':
      room.kick(member);
      return `+OK kicked ${member.id}\n`;
    case 'volume_in':
      member.volumeIn = Number(value);
      room.fireMember('volume-in-member', member);
      return `+OK Volume IN ${member.id} = ${member.volumeIn}\n`;
    case 'volume_out':
      member.volumeOut = Number(value);
      room.fireMember('volume-out-member', member);
      return `+OK Volume OUT ${member.id} = ${member.volumeOut}\n`;
    case 'dtmf':
      room.fireMember('dtmf-member', member, [['Digits', value]]);
      return `+OK sent ${value} to ${member.id}\n`;
  }
  return `+OK ${verb} ${member.id}\n`;
}

function play(core: SwitchCore, room: Conference, args: readonly string[]): string {
  const [file = '', id] = args;
  const ms = core.options.media.durationMs(file);
  if (ms === null) return `(play) File: ${file} not found.\n`;
  const done = (fn: () => void) => {
    if (Number.isFinite(ms)) core.clock.after(ms, fn);
  };
  const times = [
    ['seconds', String(Math.floor(ms / 1000))],
    ['milliseconds', String(Math.round(ms))],
    ['samples', String(Math.round(ms * 8))],
  ] as const;
  const path = ['File', file] as const;
  if (id === undefined) {
    room.fire('play-file', [path, ['Async', 'false']]);
    done(() => room.fire('play-file-done', [...times, path]));
    return `+OK (play) Playing file ${file}\n`;
  }
  const member = room.member(id);
  if (!member) return `-ERR Non-Existant ID ${id}\n`;
  room.fireMember('play-file-member', member, [path]);
  done(() => room.fireMember('play-file-member-done', member, [...times, path]));
  return `+OK (play) Playing file ${file} to member ${id}\n`;
}

/** Only the events: nothing is written to a file. */
function recording(room: Conference, args: readonly string[]): string {
  const [verb, path = ''] = args;
  if (verb === 'start') {
    room.recordings.add(path);
    room.fire('start-recording', [['Path', path]]);
    return `+OK Record file ${path}\n`;
  }
  room.recordings.delete(path);
  room.fire('stop-recording', [['Path', path]]);
  return `Stopped recording file ${path}\n+OK Stopped recording 0 files\n`;
}

function flags(room: Conference, member: Member): string {
  const on = [
    member.canHear && 'hear',
    member.canSpeak && 'speak',
    member.talking && 'talking',
    room.floor === member && 'floor',
    member.held && 'hold',
  ];
  return on.filter(Boolean).join('|');
}

function listLine(room: Conference, member: Member): string {
  const { channel } = member;
  const p = channel.profile;
  return `${member.id};${channel.name};${channel.uuid};${p.callerIdName};${p.callerIdNumber};${flags(room, member)};${member.volumeIn};${member.volumeOut};100\n`;
}

const ROOM_FLAGS = 'running|answered|enforce_min|dynamic|exit_sound|enter_sound|json_status';

function listWithHead(room: Conference): string {
  const count = room.members.length;
  const head = `+OK Conference ${room.name} (${count} member${count === 1 ? '' : 's'} rate: 8000 flags: ${ROOM_FLAGS})\n`;
  return (
    head +
    newestFirst(room)
      .map((member) => listLine(room, member))
      .join('')
  );
}

function seconds(core: SwitchCore, sinceUs: number): number {
  // clock seconds, as everywhere in FreeSWITCH
  return Math.floor(core.clock.nowUs() / 1e6) - Math.floor(sinceUs / 1e6);
}

function jsonList(core: SwitchCore, rooms: readonly Conference[]): string {
  const list = rooms.map((room) => ({
    conference_name: room.name,
    member_count: room.members.length,
    ghost_count: 0,
    rate: 8000,
    run_time: seconds(core, room.startedUs),
    conference_uuid: room.uuid,
    canvas_count: 0,
    max_bw_in: 0,
    force_bw_in: 0,
    video_floor_packets: 0,
    locked: room.locked,
    destruct: false,
    wait_mod: false,
    audio_always: false,
    running: true,
    answered: true,
    enforce_min: true,
    bridge_to: false,
    dynamic: true,
    exit_sound: true,
    enter_sound: true,
    recording: room.recordings.size > 0,
    video_bridge: false,
    video_floor_only: false,
    video_rfc4579: false,
    variables: {},
    members: newestFirst(room).map((member) => memberJson(core, room, member)),
  }));
  return printJson(list);
}

function memberJson(core: SwitchCore, room: Conference, member: Member): Record<string, unknown> {
  return {
    type: 'caller',
    id: member.id,
    flags: {
      can_hear: member.canHear,
      can_see: true,
      can_speak: member.canSpeak,
      hold: member.held,
      mute_detect: false,
      talking: member.talking,
      has_video: false,
      video_bridge: false,
      has_floor: room.floor === member,
      is_moderator: false,
      end_conference: false,
      mandatory_member_end_conference: false,
      pass_digits: false,
    },
    uuid: member.channel.uuid,
    caller_id_name: member.channel.profile.callerIdName,
    caller_id_number: member.channel.profile.callerIdNumber,
    join_time: seconds(core, member.joinedUs),
    last_talking: 0,
    energy: 100,
    volume_in: member.volumeIn,
    volume_out: member.volumeOut,
    'output-volume': member.volumeOut,
    'input-volume': 0,
  };
}

/** The layout of cJSON_Print, which mod_conference uses. */
function printJson(value: unknown, depth = 0): string {
  if (Array.isArray(value)) return `[${value.map((item) => printJson(item, depth + 1)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = '\t'.repeat(depth + 1);
  const members = Object.entries(value).map(
    ([key, item]) => `${inner}"${key}":\t${printJson(item, depth + 1)}`,
  );
  return `{\n${members.join(',\n')}${members.length > 0 ? '\n' : ''}${'\t'.repeat(depth)}}`;
}

function xmlList(core: SwitchCore, rooms: readonly Conference[]): string {
  const list = rooms.map((room) => {
    const members = newestFirst(room).map((member) => memberXml(core, room, member));
    return `  <conference name="${xmlText(room.name)}" member-count="${room.members.length}" ghost-count="0" rate="8000" uuid="${room.uuid}" running="true" answered="true" enforce_min="true" dynamic="true" exit_sound="true" enter_sound="true" run_time="${seconds(core, room.startedUs)}">\n    <variables></variables>\n    <members>\n${members.join('')}    </members>\n  </conference>\n`;
  });
  return `<?xml version="1.0"?>\n<conferences>\n${list.join('')}</conferences>\n`;
}

function memberXml(core: SwitchCore, room: Conference, member: Member): string {
  const { profile, uuid } = member.channel;
  const tags = (indent: number, pairs: readonly (readonly [string, string | number | boolean])[]) =>
    pairs.map(([tag, value]) => `${' '.repeat(indent)}<${tag}>${value}</${tag}>\n`).join('');
  const flagTags = tags(10, [
    ['can_hear', member.canHear],
    ['can_see', true],
    ['can_speak', member.canSpeak],
    ['mute_detect', false],
    ['talking', member.talking],
    ['hold', member.held],
    ['has_video', false],
    ['video_bridge', false],
    ['has_floor', room.floor === member],
    ['is_moderator', false],
    ['end_conference', false],
    ['mandatory_member_end_conference', false],
    ['is_ghost', false],
  ]);
  const facts = tags(8, [
    ['uuid', uuid],
    ['caller_id_name', percentEncode(profile.callerIdName)],
    ['caller_id_number', percentEncode(profile.callerIdNumber)],
    ['join_time', seconds(core, member.joinedUs)],
    ['last_talking', 0],
    ['energy', 100],
    ['volume_in', member.volumeIn],
    ['volume_out', member.volumeOut],
    ['output-volume', member.volumeOut],
  ]);
  const id = tags(8, [['id', member.id]]);
  return `      <member type="caller">\n${id}        <flags>\n${flagTags}        </flags>\n${facts}      </member>\n`;
}
