import { Changes } from './changes.ts';
import type { Rtp } from './rtp.ts';
import { header, randomToken, type SipMessage, tagOf, uriOf, userOf } from './sip-message.ts';

export type SipHeaders = readonly (readonly [name: string, value: string])[];

/** What a phone does for its calls. */
export interface SipLine {
  readonly user: string;
  readonly domain: string;
  readonly contact: string;
  /** The switch. */
  readonly peer: { readonly address: string; readonly port: number };
  /** Sends a request and resolves with its final answer; answers challenges itself. */
  request(request: OutgoingRequest): Promise<SipMessage>;
  acknowledge(call: SipCall, answer: SipMessage): void;
  cancel(call: SipCall): void;
  reply(
    to: SipMessage,
    status: number,
    options?: { body?: string; toTag?: string; headers?: SipHeaders },
  ): void;
  trace(callId: string): string;
}

export interface OutgoingRequest {
  readonly method: string;
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly nextCseq: () => number;
  readonly headers?: SipHeaders;
  readonly body?: string;
  /** Told of every answer below 200. */
  readonly onProgress?: (answer: SipMessage) => void;
}

export type CallState = 'new' | 'ringing' | 'early' | 'up' | 'ended';

/** One call of a scripted phone, seen from the phone. Times are epoch milliseconds. */
export class SipCall {
  readonly direction: 'in' | 'out';
  readonly id: string;
  /** The number that was dialled. */
  readonly to: string;
  /** The number of the other side as the INVITE said it, and its name. */
  readonly from: string;
  readonly fromName: string;
  readonly rtp: Rtp;
  readonly startedAt = Date.now();
  state: CallState = 'new';
  ringingAt: number | null = null;
  answeredAt: number | null = null;
  endedAt: number | null = null;
  /** Who ended it: this phone, or the switch. */
  endedBy: 'us' | 'them' | null = null;
  /** Final SIP status of the INVITE; 487 when an incoming call was cancelled. */
  status: number | null = null;
  /** Bodies of the NOTIFYs that a REFER caused: `SIP/2.0 200 OK`. */
  readonly notifies: string[] = [];
  /** How often the other side changed the session (re-INVITE). */
  reinvites = 0;
  /** `sendrecv` unless the other side holds: `sendonly`, `inactive`. */
  remoteDirection = 'sendrecv';
  readonly changes: Changes;

  readonly #line: SipLine;
  readonly #invite: SipMessage | null;
  readonly #localTag = randomToken();
  #local = '';
  #remote: string;
  #target: string;
  #cseq = 1;
  #sdpVersion = 0;

  private constructor(line: SipLine, rtp: Rtp, invite: SipMessage | null, dialled: string) {
    this.#line = line;
    this.#invite = invite;
    this.rtp = rtp;
    this.direction = invite ? 'in' : 'out';
    this.id = invite ? header(invite, 'call-id') : `${randomToken(8)}@jackfield`;
    this.to = invite ? userOf(invite.firstLine.split(' ')[1] ?? '') : dialled;
    const from = invite ? header(invite, 'from') : '';
    this.from = userOf(from);
    this.fromName = /^"([^"]*)"/.exec(from)?.[1] ?? '';
    this.#remote = invite ? from : `<${uriFor(dialled, line)}>`;
    this.#target = invite ? uriOf(header(invite, 'contact')) : uriFor(dialled, line);
    this.changes = new Changes(
      () =>
        `the call ${this.from || line.user} → ${this.to} is ${this.state} (${this.status ?? '-'})\n${line.trace(this.id)}`,
    );
    if (invite) this.#applyRemote(invite.body);
  }

  static incoming(line: SipLine, rtp: Rtp, invite: SipMessage): SipCall {
    return new SipCall(line, rtp, invite, '');
  }

  static outgoing(line: SipLine, rtp: Rtp, number: string): SipCall {
    return new SipCall(line, rtp, null, number);
  }

  /** A header of the INVITE that came; '' if absent. */
  header(name: string): string {
    return this.#invite ? header(this.#invite, name) : '';
  }

  // ---- what a test waits for

  /** Resolves when the phone rings (in), or hears that the other side does (out): 180, 183. */
  async ringing(timeoutMs?: number): Promise<this> {
    await this.changes.until(() => this.ringingAt !== null, 'ringing', timeoutMs);
    return this;
  }

  async answered(timeoutMs?: number): Promise<this> {
    await this.changes.until(
      () => {
        if (this.answeredAt === null && this.state === 'ended')
          throw new Error(`not answered: SIP ${this.status}\n${this.#line.trace(this.id)}`);
        return this.answeredAt !== null;
      },
      'the answer',
      timeoutMs,
    );
    return this;
  }

  async ended(timeoutMs?: number): Promise<this> {
    await this.changes.until(() => this.state === 'ended', 'the end of the call', timeoutMs);
    return this;
  }

  async hasDigits(digits: string, timeoutMs?: number): Promise<void> {
    await this.rtp.changes.until(() => this.rtp.digits === digits, `the keys ${digits}`, timeoutMs);
  }

  hears(hz: number, timeoutMs?: number): Promise<void> {
    return this.rtp.hears(hz, timeoutMs);
  }

  hearsSomething(timeoutMs?: number): Promise<void> {
    return this.rtp.hearsSomething(timeoutMs);
  }

  /** Without `hz`: hears nothing at all. */
  doesNotHear(hz?: number, options?: { forMs?: number; timeoutMs?: number }): Promise<void> {
    return this.rtp.doesNotHear(hz, options);
  }

  // ---- what a person does

  /** Rings (180), or lets early media through (183). */
  ring({ early = false } = {}): void {
    if (!this.#invite || this.state === 'ended') return;
    this.ringingAt ??= Date.now();
    this.state = early ? 'early' : 'ringing';
    if (early) this.#line.reply(this.#invite, 183, { body: this.#sdp(), toTag: this.#localTag });
    else this.#line.reply(this.#invite, 180, { toTag: this.#localTag });
    this.changes.notify();
  }

  answer(): void {
    if (!this.#invite || this.state === 'ended' || this.state === 'up') return;
    this.ringingAt ??= Date.now();
    this.#line.reply(this.#invite, 200, { body: this.#sdp(), toTag: this.#localTag });
    this.#up(200);
  }

  reject(status = 486, headers: SipHeaders = []): void {
    if (!this.#invite || this.state === 'ended' || this.state === 'up') return;
    this.#line.reply(this.#invite, status, { toTag: this.#localTag, headers });
    this.status = status;
    this.#end('us');
  }

  /** BYE, CANCEL, or 603, whatever ends the call in its present state. */
  async hangup(): Promise<void> {
    if (this.state === 'ended') return;
    if (this.state === 'up') {
      this.#end('us');
      await this.#inDialog('BYE').catch(() => {}); // the other side may have hung up at the same moment
    } else if (this.#invite) this.reject(603);
    else {
      this.endedBy = 'us';
      this.#line.cancel(this);
      await this.ended();
    }
  }

  press(keys: string, timing?: { toneMs?: number; gapMs?: number }): Promise<void> {
    return this.rtp.press(keys, timing);
  }

  /** Holds by the phone's own key: re-INVITE with `sendonly`. */
  async hold(): Promise<void> {
    await this.#inDialog('INVITE', [], this.#sdp('sendonly'));
    this.rtp.sending = false;
  }

  async resume(): Promise<void> {
    this.rtp.sending = true;
    await this.#inDialog('INVITE', [], this.#sdp());
  }

  /** Blind transfer by REFER; resolves with the status of the REFER (202). */
  async transfer(number: string): Promise<number> {
    const to = ['Refer-To', `<${uriFor(number, this.#line)}>`] as const;
    const answer = await this.#inDialog('REFER', [to, ['Referred-By', this.#line.contact]]);
    return answer.status ?? 0;
  }

  /** Attended transfer: the other side of this call is joined with the other side of `consultation`. */
  async transferTo(consultation: SipCall): Promise<number> {
    const target = consultation.#target.replace(/[;?].*/, '');
    const id = encodeURIComponent(consultation.id);
    const replaces = `${id}%3Bto-tag%3D${tagOf(consultation.#remote)}%3Bfrom-tag%3D${consultation.#localTag}`;
    const to = ['Refer-To', `<${target}?Replaces=${replaces}>`] as const;
    const answer = await this.#inDialog('REFER', [to, ['Referred-By', this.#line.contact]]);
    return answer.status ?? 0;
  }

  // ---- what the phone tells it

  /** Sends the INVITE and follows it to its final answer. */
  async dial(headers: SipHeaders, from: string): Promise<void> {
    this.#local = from;
    const answer = await this.#line.request({
      method: 'INVITE',
      uri: this.#target,
      from: `${from};tag=${this.#localTag}`,
      to: this.#remote,
      callId: this.id,
      nextCseq: () => this.#cseq++,
      headers,
      body: this.#sdp(),
      onProgress: (progress) => this.#progress(progress),
    });
    this.#remote = header(answer, 'to') || this.#remote;
    if (answer.status === 200) {
      this.#target = uriOf(header(answer, 'contact')) || this.#target;
      this.#applyRemote(answer.body);
      this.#line.acknowledge(this, answer);
      this.#up(200);
    } else {
      this.status = answer.status;
      this.#end(this.endedBy ?? 'them');
    }
  }

  get target(): string {
    return this.#target;
  }

  /** The other side cancelled an incoming call that was not answered. */
  cancelled(): void {
    if (!this.#invite || this.state === 'up' || this.state === 'ended') return;
    this.#line.reply(this.#invite, 487, { toTag: this.#localTag });
    this.status = 487;
    this.#end('them');
  }

  remoteBye(): void {
    this.#end('them');
  }

  reinvited(message: SipMessage): void {
    this.reinvites++;
    if (message.body) this.#applyRemote(message.body);
    const direction = { sendonly: 'recvonly', inactive: 'inactive', recvonly: 'sendonly' }[
      this.remoteDirection
    ];
    this.#line.reply(message, 200, { body: this.#sdp(direction ?? 'sendrecv') });
    this.changes.notify();
  }

  /** The INVITE came again: our answer was lost. */
  inviteAgain(message: SipMessage): void {
    if (this.state === 'up' && this.#invite)
      this.#line.reply(message, 200, { body: this.#sdp(), toTag: this.#localTag });
    else if (this.state === 'ringing') this.#line.reply(message, 180, { toTag: this.#localTag });
  }

  /** The switch is gone or the phone is switched off. */
  abandon(): void {
    this.#end(this.endedBy ?? 'us');
  }

  #progress(answer: SipMessage): void {
    if (this.state === 'ended' || (answer.status ?? 0) <= 100) return;
    this.ringingAt ??= Date.now();
    this.state = answer.body ? 'early' : 'ringing';
    if (answer.body) this.#applyRemote(answer.body);
    this.changes.notify();
  }

  #up(status: number): void {
    this.status = status;
    this.state = 'up';
    this.answeredAt = Date.now();
    this.changes.notify();
  }

  #end(by: 'us' | 'them'): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.endedAt = Date.now();
    this.endedBy = by;
    this.rtp.close();
    this.changes.notify();
  }

  #inDialog(method: string, headers: SipHeaders = [], body?: string): Promise<SipMessage> {
    const invite = this.#invite;
    const local = invite ? header(invite, 'to').replace(/;tag=.*/, '') : this.#local;
    const request = this.#line.request({
      method,
      uri: this.#target,
      from: `${local};tag=${this.#localTag}`,
      to: this.#remote,
      callId: this.id,
      nextCseq: () => this.#cseq++,
      headers,
      body,
    });
    if (method !== 'INVITE') return request;
    return request.then((answer) => {
      if (answer.status === 200) {
        this.#line.acknowledge(this, answer);
        this.#applyRemote(answer.body);
      }
      return answer;
    });
  }

  #applyRemote(sdp: string): void {
    const address = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
    const port = /^m=audio (\d+)/m.exec(sdp)?.[1];
    this.remoteDirection = /^a=(sendonly|recvonly|inactive)/m.exec(sdp)?.[1] ?? 'sendrecv';
    if (address && port && port !== '0') this.rtp.connect(address, Number(port));
  }

  #sdp(direction = 'sendrecv'): string {
    this.#sdpVersion++;
    return [
      ...[
        'v=0',
        `o=- 1000 ${this.#sdpVersion} IN IP4 127.0.0.1`,
        's=jackfield',
        'c=IN IP4 127.0.0.1',
        't=0 0',
      ],
      ...[
        `m=audio ${this.rtp.port} RTP/AVP 8 101`,
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
      ],
      ...['a=fmtp:101 0-16', 'a=ptime:20', `a=${direction}`, ''],
    ].join('\r\n');
  }
}

function uriFor(number: string, line: SipLine): string {
  return `sip:${number}@${line.peer.address}:${line.peer.port}`;
}
