import type { EventMessage } from './event-message.ts';

type Origin = readonly [file: string, func: string, line: number];

/** `Event-Calling-File`, `-Function` and `-Line-Number` per event, as the traces show them for 1.11.2. */
const origins: Record<string, Origin> = {
  API: ['switch_loadable_module.c', 'switch_api_execute', 3140],
  BACKGROUND_JOB: ['mod_event_socket.c', 'api_exec', 1580],
  CALL_UPDATE: ['switch_channel.c', 'switch_channel_flip_cid', 3279],
  CHANNEL_ANSWER: ['switch_channel.c', 'switch_channel_perform_mark_answered', 3848],
  CHANNEL_BRIDGE: ['switch_ivr_bridge.c', 'switch_ivr_multi_threaded_bridge', 1689],
  CHANNEL_CALLSTATE: ['switch_channel.c', 'switch_channel_perform_set_callstate', 302],
  CHANNEL_CREATE: ['switch_core_state_machine.c', 'switch_core_session_run', 626],
  CHANNEL_DATA: ['mod_commands.c', 'uuid_dump_function', 6495],
  CHANNEL_DESTROY: ['switch_core_session.c', 'switch_core_session_perform_destroy', 1607],
  CHANNEL_EXECUTE: ['switch_core_session.c', 'switch_core_session_exec', 2920],
  CHANNEL_EXECUTE_COMPLETE: ['switch_core_session.c', 'switch_core_session_exec', 2972],
  CHANNEL_HANGUP: ['switch_channel.c', 'switch_channel_perform_hangup', 3447],
  CHANNEL_HANGUP_COMPLETE: ['switch_core_state_machine.c', 'switch_core_session_reporting_state', 943],
  CHANNEL_HOLD: ['switch_channel.c', 'switch_channel_mark_hold', 1847],
  CHANNEL_ORIGINATE: ['switch_core_state_machine.c', 'switch_core_session_run', 632],
  CHANNEL_OUTGOING: ['switch_core_session.c', 'switch_core_session_outgoing_channel', 768],
  CHANNEL_PARK: ['switch_ivr.c', 'switch_ivr_park', 1002],
  CHANNEL_PROGRESS: ['switch_channel.c', 'switch_channel_perform_mark_ring_ready_value', 3507],
  CHANNEL_PROGRESS_MEDIA: ['switch_channel.c', 'switch_channel_perform_mark_pre_answered', 3577],
  CHANNEL_STATE: ['switch_channel.c', 'switch_channel_perform_set_running_state', 2409],
  CHANNEL_UNBRIDGE: ['switch_ivr_bridge.c', 'switch_ivr_multi_threaded_bridge', 1871],
  CHANNEL_UNHOLD: ['switch_channel.c', 'switch_channel_mark_hold', 1847],
  CHANNEL_UNPARK: ['switch_ivr.c', 'switch_ivr_park', 1182],
  CODEC: ['switch_core_codec.c', 'switch_core_session_set_real_read_codec', 189],
  DTMF: ['switch_channel.c', 'switch_channel_dequeue_dtmf', 678],
  HEARTBEAT: ['switch_core.c', 'send_heartbeat', 95],
  MEDIA_BUG_START: ['switch_core_media_bug.c', 'switch_core_media_bug_add', 991],
  MEDIA_BUG_STOP: ['switch_core_media_bug.c', 'switch_core_media_bug_close', 1304],
  PLAYBACK_START: ['switch_ivr_play_say.c', 'switch_ivr_play_file', 1649],
  PLAYBACK_STOP: ['switch_ivr_play_say.c', 'switch_ivr_play_file', 2023],
  PRESENCE_IN: ['switch_channel.c', 'switch_channel_perform_presence', 778],
  PRIVATE_COMMAND: ['switch_ivr.c', 'switch_ivr_parse_next_event', 804],
  RECORD_START: ['switch_ivr_async.c', 'switch_ivr_record_session_event', 3115],
  RECORD_STOP: ['switch_ivr_async.c', 'send_record_stop_event', 1160],
  RE_SCHEDULE: ['switch_scheduler.c', 'switch_scheduler_execute', 73],
  SHUTDOWN: ['switch_core.c', 'switch_core_destroy', 3119],
};

export function originOf(event: EventMessage): Origin {
  return origins[event.name] ?? ['mod_event_socket.c', 'parse_command', 2283];
}
