/** The variables that mod_sofia and the RTP engine put on a channel, with values that hang together. */
import type { Channel } from './channel.ts';

const CODECS = 'CORE_PCM_MODULE.PCMA@8000h@20i@64000b,CORE_PCM_MODULE.PCMU@8000h@20i@64000b';
const ALLOW = 'INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REFER, INFO, UPDATE';

function sdp(port: number, from: string): string {
  return [
    'v=0',
    `o=${from} 1000 1 IN IP4 127.0.0.1`,
    `s=${from}`,
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 8 0 101`,
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=ptime:20',
    '',
  ].join('\r\n');
}

/** A number that stays the same for a channel, for ports and tags. */
function numberOf(leg: Channel): number {
  let sum = 0;
  for (const c of leg.uuid) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  return sum;
}

const tag = (leg: Channel, salt: number) => ((numberOf(leg) ^ salt) >>> 0).toString(16).padStart(8, '0');
const localPort = (leg: Channel) => 16_384 + (numberOf(leg) % 8192) * 2;
const remotePort = (leg: Channel) => 34_000 + (numberOf(leg) % 500) * 2;

export interface InboundCall {
  readonly profile: 'trunk' | 'internal';
  readonly fromUser: string;
  readonly fromHost: string;
  readonly displayName: string;
  readonly destination: string;
  readonly network: { readonly ip: string; readonly port: number };
  readonly userAgent: string;
  /** P-Asserted-Identity, when it differs from the From user. */
  readonly assertedIdentity: string | null;
  /** Non-standard SIP headers, such as `X-Tenant` and `Diversion`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Given for calls of registered users. */
  readonly user: {
    readonly name: string;
    readonly domain: string;
    readonly variables: Readonly<Record<string, string>>;
  } | null;
}

const profilePort = { trunk: 5080, internal: 5060 } as const;

export function inboundVariables(leg: Channel, call: InboundCall): void {
  const port = profilePort[call.profile];
  const { ip } = call.network;
  const fromUri = `${call.fromUser}@${call.fromHost}`;
  const toUri = `${call.destination}@${ip}:${port}`;
  const display = call.displayName === '' ? '' : `"${call.displayName}" `;
  leg.setAll({
    direction: 'inbound',
    uuid: leg.uuid,
    call_uuid: leg.uuid,
    session_id: leg.core.sessionCount,
    sip_from_user: call.fromUser,
    sip_from_uri: fromUri,
    sip_from_host: call.fromHost,
    video_media_flow: 'disabled',
    audio_media_flow: 'disabled',
    text_media_flow: 'disabled',
    channel_name: leg.name,
    sip_call_id: `${tag(leg, 1)}${tag(leg, 2)}@${ip}`,
    sip_local_network_addr: ip,
    sip_network_ip: ip,
    sip_network_port: call.network.port,
    sip_invite_stamp: leg.times.created,
    sip_received_ip: ip,
    sip_received_port: call.network.port,
    sip_via_protocol: 'udp',
  });
  if (call.user) {
    leg.setAll({ sip_authorized: 'true', sip_acl_authed_by: '', sip_auth_username: call.user.name });
    leg.setAll({ sip_auth_realm: call.fromHost, presence_id: `${call.user.name}@${call.fromHost}` });
    leg.setAll({ user_name: call.user.name, domain_name: call.user.domain, ...call.user.variables });
  }
  leg.setAll({
    sip_from_user_stripped: call.fromUser.replace(/^\+/, ''),
    sip_from_tag: tag(leg, 3),
    sofia_profile_name: call.profile,
    sofia_profile_url: `sip:mod_sofia@${ip}:${port}`,
    recovery_profile_name: call.profile,
  });
  if (call.assertedIdentity !== null) {
    leg.setAll({ 'sip_P-Asserted-Identity': call.assertedIdentity, sip_cid_type: 'pid' });
  }
  leg.setAll({
    sip_full_via: `SIP/2.0/UDP ${ip}:${call.network.port};rport=${call.network.port};branch=z9hG4bK${tag(leg, 4)}`,
    sip_from_display: call.displayName,
    sip_full_from: `${display}<sip:${fromUri}>;tag=${tag(leg, 3)}`,
    sip_full_to: `<sip:${toUri}>`,
    sip_allow: ALLOW,
    sip_req_user: call.destination,
    sip_req_port: port,
    sip_req_uri: toUri,
    sip_req_host: ip,
    sip_to_user: call.destination,
    sip_to_port: port,
    sip_to_uri: toUri,
    sip_to_host: ip,
    sip_contact_user: call.fromUser,
    sip_contact_port: call.network.port,
    sip_contact_uri: `${call.fromUser}@${ip}:${call.network.port}`,
    sip_contact_host: ip,
    rtp_use_codec_string: 'PCMA,PCMU,opus',
    sip_user_agent: call.userAgent,
    sip_via_host: ip,
    sip_via_port: call.network.port,
    sip_via_rport: call.network.port,
    max_forwards: 70,
  });
  for (const [name, value] of Object.entries(call.headers)) leg.set(`sip_h_${name}`, value);
  leg.setAll({
    switch_r_sdp: sdp(remotePort(leg), 'phone'),
    ep_codec_string: CODECS,
    endpoint_disposition: 'DELAYED NEGOTIATION',
  });
}

export interface OutboundCall {
  readonly profile: 'trunk' | 'internal';
  /** `1001@127.0.0.1:6121` or the number and address of the gateway. */
  readonly address: string;
  /** Domain that stands in From. */
  readonly fromHost: string;
  readonly gateway?: string;
}

/** What a new outbound leg has before its CHANNEL_CREATE, except what the dial string set. */
export function outboundVariables(leg: Channel, call: OutboundCall): void {
  leg.setAll({
    direction: 'outbound',
    is_outbound: 'true',
    uuid: leg.uuid,
    call_uuid: leg.uuid,
    session_id: leg.core.sessionCount,
    sip_local_network_addr: '127.0.0.1',
    sip_profile_name: call.profile,
    video_media_flow: 'disabled',
    text_media_flow: 'disabled',
    channel_name: leg.name,
    sip_destination_url: `sip:${call.address}`,
  });
  if (call.gateway !== undefined) leg.set('sip_gateway_name', call.gateway);
}

export function outboundSdpVariables(leg: Channel, call: OutboundCall): void {
  leg.setAll({
    rtp_use_codec_string: 'PCMA,PCMU',
    local_media_ip: '127.0.0.1',
    local_media_port: localPort(leg),
    advertised_media_ip: '127.0.0.1',
    audio_media_flow: 'sendrecv',
    rtp_local_sdp_str: sdp(localPort(leg), 'FreeSWITCH'),
    sip_outgoing_contact_uri: `<sip:mod_sofia@127.0.0.1:${profilePort[call.profile]}>`,
    sip_req_uri: call.address,
    sip_to_host: call.address.slice(call.address.indexOf('@') + 1),
    sip_from_host: call.fromHost,
    sofia_profile_name: call.profile,
    recovery_profile_name: call.profile,
    sofia_profile_url: `sip:mod_sofia@127.0.0.1:${profilePort[call.profile]}`,
  });
}

/** What the first answer of the far end (180, 183, 200 or a refusal) adds to an outbound leg. */
export function progressVariables(leg: Channel): void {
  if (leg.variables.has('sip_call_id')) return;
  const uri = leg.get('sip_req_uri') ?? '';
  const [user = '', address = ''] = uri.split('@');
  const [host = '127.0.0.1', port = '5090'] = address.split(':');
  const fromUser = leg.profile.callerIdNumber === '' ? '0000000000' : leg.profile.callerIdNumber;
  const fromUri = `${fromUser}@${leg.get('sip_from_host') ?? host}`;
  const display = leg.profile.callerIdName;
  leg.profile.networkAddr = host;
  leg.setAll({
    sip_reply_host: host,
    sip_reply_port: port,
    sip_network_ip: host,
    sip_network_port: port,
    sip_user_agent: 'TestPhone/1.0',
    sip_allow: ALLOW,
    sip_recover_contact: `<sip:${uri}>`,
    sip_full_via: `SIP/2.0/UDP ${host};rport;branch=z9hG4bK${tag(leg, 5)}`,
    sip_recover_via: `SIP/2.0/UDP ${host};rport;branch=z9hG4bK${tag(leg, 5)}`,
    sip_from_display: display,
    sip_full_from: `${display === '' ? '' : `"${display}" `}<sip:${fromUri}>;tag=${tag(leg, 3)}`,
    sip_full_to: `<sip:${uri}>;tag=${tag(leg, 6)}`,
    sip_from_user: fromUser,
    sip_from_uri: fromUri,
    sip_to_user: user,
    sip_to_port: port,
    sip_to_uri: uri,
    sip_to_host: host,
    sip_contact_user: user,
    sip_contact_port: port,
    sip_contact_uri: uri,
    sip_contact_host: host,
    sip_to_tag: tag(leg, 6),
    sip_from_tag: tag(leg, 3),
    sip_cseq: 123_028_445,
    sip_call_id: `${tag(leg, 7)}-5f61-1240-50b8-92c7d587bee9`,
  });
}

/** Media negotiated: by 183 or 200, on either kind of leg. */
export function earlyVariables(leg: Channel): void {
  if (leg.direction === 'outbound') sessionVariables(leg);
  mediaVariables(leg);
  if (leg.direction === 'inbound') {
    leg.setAll({ endpoint_disposition: 'EARLY MEDIA', rtp_local_sdp_str: sdp(localPort(leg), 'FreeSWITCH') });
  }
}

export function answeredVariables(leg: Channel): void {
  if (!leg.earlyMedia) earlyVariables(leg);
}

/** The first answer to a caller makes the dialogue. */
export function answerTag(leg: Channel): void {
  leg.set('sip_to_tag', tag(leg, 6));
}

/** What the ACK of the caller brings. */
export function confirmedVariables(leg: Channel): void {
  if (leg.direction !== 'inbound') return;
  leg.setAll({ sip_to_tag: tag(leg, 6), sip_cseq: 1 });
  leg.set('sip_full_to', `${(leg.get('sip_full_to') ?? '').replace(/;tag=.*/, '')};tag=${tag(leg, 6)}`);
}

/** The SDP of the called party. */
export function sessionVariables(leg: Channel): void {
  leg.setAll({ switch_r_sdp: sdp(remotePort(leg), 'phone'), ep_codec_string: CODECS });
}

function mediaVariables(leg: Channel): void {
  leg.setAll({
    remote_video_media_flow: 'inactive',
    remote_text_media_flow: 'inactive',
    remote_audio_media_flow: 'sendrecv',
    audio_media_flow: 'sendrecv',
    rtp_audio_recv_pt: 8,
    rtp_use_codec_name: 'PCMA',
    rtp_use_codec_rate: 8000,
    rtp_use_codec_ptime: 20,
    rtp_use_codec_channels: 1,
    rtp_last_audio_codec_string: 'PCMA@8000h@20i@1c',
    read_codec: 'PCMA',
    original_read_codec: 'PCMA',
    read_rate: 8000,
    original_read_rate: 8000,
    write_codec: 'PCMA',
    write_rate: 8000,
    dtmf_type: 'rfc2833',
    local_media_ip: '127.0.0.1',
    local_media_port: localPort(leg),
    advertised_media_ip: '127.0.0.1',
    rtp_use_timer_name: 'soft',
    rtp_use_pt: 8,
    rtp_use_ssrc: numberOf(leg),
    rtp_2833_send_payload: 101,
    rtp_2833_recv_payload: 101,
    remote_media_ip: '127.0.0.1',
    remote_media_port: remotePort(leg),
  });
}
