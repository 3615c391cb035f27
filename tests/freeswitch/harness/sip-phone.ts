import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { Changes } from './changes.ts';
import { Rtp } from './rtp.ts';
import { type OutgoingRequest, SipCall, type SipHeaders, type SipLine } from './sip-call.ts';
import {
  digestAnswer,
  header,
  isDigestOf,
  parseSip,
  randomToken,
  type SipMessage,
  writeSip,
} from './sip-message.ts';

/** What the phone does by itself with a call that comes in. Without one it rings and leaves the rest to the test. */
export interface Behaviour {
  /** `180` (default), `183` with voice, or nothing at all. */
  readonly ring?: 'ring' | 'early' | 'silent';
  /** Picks up after so many milliseconds. */
  readonly answerAfterMs?: number;
  /** Refuses with this status, after `answerAfterMs` if given. */
  readonly reject?: number;
  readonly rejectHeaders?: SipHeaders;
  /** Hangs up so many milliseconds after the answer. */
  readonly hangupAfterMs?: number;
}

export interface PhoneOptions {
  readonly user: string;
  readonly domain: string;
  readonly password?: string;
  /** Where it sends to: a profile of the switch. */
  readonly peer: { readonly address: string; readonly port: number };
  /** Frequency it sends while it talks; 0, silence, unless given. */
  readonly tone?: number;
  readonly behaviour?: Behaviour;
}

/** After which a request other than INVITE has failed. */
const NO_ANSWER_MS = 5_000;

interface Transaction {
  readonly onProgress: (answer: SipMessage) => void;
  readonly resolve: (answer: SipMessage) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A scripted SIP phone over UDP: registers with digest, calls, rings, answers, refuses, holds, transfers, hangs
 * up; talks PCMA and RFC 2833. What it does with calls that come in is `behaviour`, or what the test tells the
 * call that `incoming()` gives.
 */
export class SipPhone {
  readonly user: string;
  readonly domain: string;
  tone: number;
  behaviour: Behaviour;
  /** Every call of its life, oldest first. */
  readonly calls: SipCall[] = [];
  /** Of what it sends. With `latin1` each character is a byte, for texts in any other encoding. */
  encoding: BufferEncoding = 'utf8';
  /** Whether a NOTIFY "talk" makes it pick up, as CTI phones do. */
  talkEvent = true;
  /** Who may register here, as at a carrier; anybody unless set. */
  registrar: { readonly user: string; readonly password: string } | null = null;

  readonly #options: PhoneOptions;
  readonly #socket: Socket;
  readonly #changes: Changes;
  readonly #byId = new Map<string, SipCall>();
  readonly #pending = new Map<string, Transaction>();
  readonly #invites = new Map<
    string,
    { branch: string; cseq: number; from: string; to: string; uri: string }
  >();
  readonly #trace: { at: number; callId: string; text: string }[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #registration = { callId: `${randomToken(8)}@jackfield`, cseq: 1, tag: randomToken() };
  /** Calls whose INVITE has come and whose voice is not open yet. */
  readonly #opening = new Set<string>();
  readonly #handedOut = new Set<SipCall>();

  private constructor(options: PhoneOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.user = options.user;
    this.domain = options.domain;
    this.tone = options.tone ?? 0;
    this.behaviour = options.behaviour ?? {};
    this.#changes = new Changes(
      () => `${this.user} has had ${this.calls.length} calls\n${this.#line.trace('')}`,
    );
    socket.on('message', (bytes, from) => this.#receive(bytes, from));
    socket.on('error', () => {});
  }

  static open(options: PhoneOptions): Promise<SipPhone> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, '127.0.0.1', () => {
        socket.off('error', reject);
        resolve(new SipPhone(options, socket));
      });
    });
  }

  /** UDP port at which it can be called. */
  get port(): number {
    return this.#socket.address().port;
  }

  /** Resolves with the final status: 200, 403. `to` registers another address than its own. */
  async register({ expires = 3600, to = `sip:${this.user}@${this.domain}` } = {}): Promise<number> {
    const registration = this.#registration;
    const answer = await this.#line.request({
      method: 'REGISTER',
      uri: `sip:${this.domain}`,
      from: `<sip:${this.user}@${this.domain}>;tag=${registration.tag}`,
      to: `<${to}>`,
      callId: registration.callId,
      nextCseq: () => registration.cseq++,
      headers: [['Expires', String(expires)]],
    });
    return answer.status ?? 0;
  }

  unregister(): Promise<number> {
    return this.register({ expires: 0 });
  }

  /** Dials; the call is there at once, its answer is `await call.answered()`. */
  async call(
    number: string,
    options: { tone?: number; headers?: SipHeaders; name?: string } = {},
  ): Promise<SipCall> {
    const rtp = await Rtp.open(options.tone ?? this.tone);
    const call = SipCall.outgoing(this.#line, rtp, number);
    this.#add(call);
    const name = options.name === undefined ? '' : `"${options.name}" `;
    call.dial(options.headers ?? [], `${name}<sip:${this.user}@${this.domain}>`).catch(() => call.abandon());
    return call;
  }

  /**
   * The next incoming call that has not been asked for and is not over; it rings already, or does what
   * `behaviour` says. Calls that are over are in `calls`.
   */
  incoming(timeoutMs?: number): Promise<SipCall> {
    return this.#changes.until(
      () => {
        const next = this.calls.find(
          (call) => call.direction === 'in' && call.state !== 'ended' && !this.#handedOut.has(call),
        );
        if (next) this.#handedOut.add(next);
        return next;
      },
      `a call to ${this.user}`,
      timeoutMs,
    );
  }

  /** Pulls the plug: nothing is sent any more, to nobody. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const call of this.calls) call.abandon();
    for (const waiting of this.#pending.values()) waiting.reject(new Error('the phone was switched off'));
    this.#pending.clear();
    this.#socket.removeAllListeners('message');
    this.#socket.close();
  }

  #add(call: SipCall): void {
    this.calls.push(call);
    this.#byId.set(call.id, call);
    this.#changes.notify();
  }

  #after(ms: number, fn: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      fn();
    }, ms);
    this.#timers.add(timer);
  }

  readonly #line: SipLine = (() => {
    const phone = this;
    return {
      get user() {
        return phone.user;
      },
      get domain() {
        return phone.domain;
      },
      get contact() {
        return `<sip:${phone.user}@127.0.0.1:${phone.port}>`;
      },
      get peer() {
        return phone.#options.peer;
      },
      request: (request) => phone.#request(request),
      acknowledge: (call, answer) => phone.#acknowledge(call, answer),
      cancel: (call) => phone.#cancel(call),
      reply: (to, status, options) => phone.#reply(to, status, options),
      trace: (callId) =>
        phone.#trace
          .filter((line) => callId === '' || line.callId === callId)
          .slice(-40)
          .map((line) => `  ${new Date(line.at).toISOString().slice(14)} ${line.text}`)
          .join('\n'),
    };
  })();

  // ---- requests

  async #request(request: OutgoingRequest): Promise<SipMessage> {
    const answer = await this.#transact(request, request.headers ?? []);
    if (answer.status !== 401 && answer.status !== 407) return answer;
    const { method, uri } = request;
    const credentials = digestAnswer(answer, {
      method,
      uri,
      user: this.user,
      password: this.#options.password ?? '',
    });
    return this.#transact(request, [...(request.headers ?? []), credentials]);
  }

  #transact(request: OutgoingRequest, headers: SipHeaders): Promise<SipMessage> {
    const { method, uri, from, to, callId } = request;
    const cseq = request.nextCseq();
    const branch = `z9hG4bK${randomToken()}`;
    if (method === 'INVITE') this.#invites.set(callId, { branch, cseq, from, to, uri });
    const key = `${callId} ${cseq} ${method}`;
    return new Promise((resolve, reject) => {
      this.#pending.set(key, { onProgress: request.onProgress ?? (() => {}), resolve, reject });
      if (method !== 'INVITE') {
        this.#after(NO_ANSWER_MS, () => {
          if (this.#pending.delete(key))
            reject(new Error(`${method} was not answered\n${this.#line.trace(callId)}`));
        });
      }
      this.#send(
        request.callId,
        `${method} ${uri} SIP/2.0`,
        [
          ...this.#requestHeaders(branch, from, to, callId, `${cseq} ${method}`),
          ...headers,
          ...(request.body ? [['Content-Type', 'application/sdp'] as const] : []),
        ],
        request.body,
      );
    });
  }

  #requestHeaders(branch: string, from: string, to: string, callId: string, cseq: string): SipHeaders {
    return [
      ['Via', `SIP/2.0/UDP 127.0.0.1:${this.port};rport;branch=${branch}`],
      ['Max-Forwards', '70'],
      ['From', from],
      ['To', to],
      ['Call-ID', callId],
      ['CSeq', cseq],
      ['Contact', this.#line.contact],
      ['User-Agent', 'Jackfield test phone'],
      ['Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REFER, INFO, UPDATE'],
      ['Supported', 'replaces'],
    ];
  }

  #acknowledge(call: SipCall, answer: SipMessage): void {
    const cseq = header(answer, 'cseq').split(' ')[0] ?? '1';
    const branch = `z9hG4bK${randomToken()}`;
    this.#send(
      call.id,
      `ACK ${call.target} SIP/2.0`,
      this.#requestHeaders(branch, header(answer, 'from'), header(answer, 'to'), call.id, `${cseq} ACK`),
    );
  }

  #cancel(call: SipCall): void {
    const invite = this.#invites.get(call.id);
    if (!invite) return;
    const { branch, from, to, cseq, uri } = invite;
    this.#send(
      call.id,
      `CANCEL ${uri} SIP/2.0`,
      this.#requestHeaders(branch, from, to, call.id, `${cseq} CANCEL`),
    );
  }

  #reply(
    to: SipMessage,
    status: number,
    options: { body?: string; toTag?: string; headers?: SipHeaders } = {},
  ): void {
    const copied = to.headers.filter(([name]) => name === 'via' || name === 'record-route');
    const target = header(to, 'to');
    const tag = options.toTag && !target.includes(';tag=') ? `;tag=${options.toTag}` : '';
    this.#send(
      header(to, 'call-id'),
      `SIP/2.0 ${status} ${REASONS[status] ?? 'Refused'}`,
      [
        ...copied,
        ['From', header(to, 'from')],
        ['To', target + tag],
        ['Call-ID', header(to, 'call-id')],
        ['CSeq', header(to, 'cseq')],
        ['Contact', this.#line.contact],
        ['Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REFER, INFO, UPDATE'],
        ['Supported', 'replaces'],
        ...(options.headers ?? []),
        ...(options.body ? [['Content-Type', 'application/sdp'] as const] : []),
      ],
      options.body,
    );
  }

  #send(callId: string, firstLine: string, headers: SipHeaders, body?: string): void {
    this.#trace.push({ at: Date.now(), callId, text: `> ${firstLine}` });
    const { address, port } = this.#options.peer;
    this.#socket.send(Buffer.from(writeSip(firstLine, headers, body), this.encoding), port, address);
  }

  // ---- what comes

  #receive(bytes: Buffer, _from: RemoteInfo): void {
    const message = parseSip(bytes.toString('utf8'));
    if (!message) return;
    const callId = header(message, 'call-id');
    this.#trace.push({ at: Date.now(), callId, text: `< ${message.firstLine}` });
    if (message.status !== null) this.#answer(callId, message.status, message);
    else this.#requested(callId, message);
  }

  #answer(callId: string, status: number, message: SipMessage): void {
    const cseq = header(message, 'cseq');
    const key = `${callId} ${cseq}`;
    const waiting = this.#pending.get(key);
    if (cseq.endsWith('INVITE') && status >= 300) this.#acknowledgeRefusal(callId, message);
    if (!waiting) return;
    if (status < 200) waiting.onProgress(message);
    else {
      this.#pending.delete(key);
      waiting.resolve(message);
    }
  }

  /** Belongs to the transaction, so it repeats the INVITE's own branch (RFC 3261, 17.1.1.3). */
  #acknowledgeRefusal(callId: string, answer: SipMessage): void {
    const invite = this.#invites.get(callId);
    if (!invite) return;
    const cseq = header(answer, 'cseq').split(' ')[0] ?? '1';
    const headers = this.#requestHeaders(
      invite.branch,
      header(answer, 'from'),
      header(answer, 'to'),
      callId,
      `${cseq} ACK`,
    );
    this.#send(callId, `ACK ${invite.uri} SIP/2.0`, headers);
  }

  #requested(callId: string, message: SipMessage): void {
    const call = this.#byId.get(callId);
    switch (message.method) {
      case 'ACK':
        return;
      case 'INVITE':
        if (this.#opening.has(callId)) return;
        if (!call) void this.#invited(message);
        else if (header(message, 'to').includes(';tag=')) call.reinvited(message);
        else call.inviteAgain(message);
        return;
      case 'CANCEL':
        this.#reply(message, 200);
        call?.cancelled();
        return;
      case 'BYE':
        this.#reply(message, call ? 200 : 481);
        call?.remoteBye();
        return;
      case 'REGISTER':
        this.#registered(message);
        return;
      case 'NOTIFY':
        this.#reply(message, 200);
        this.#notified(call, message);
        return;
      default:
        this.#reply(message, 200);
    }
  }

  #registered(message: SipMessage): void {
    const realm = this.domain;
    if (!this.registrar || isDigestOf(message, { ...this.registrar, realm })) {
      this.#reply(message, 200);
      return;
    }
    const challenge = `Digest realm="${realm}", nonce="${randomToken()}", algorithm=MD5`;
    this.#reply(message, 401, { headers: [['WWW-Authenticate', challenge]] });
  }

  #notified(call: SipCall | undefined, message: SipMessage): void {
    const event = header(message, 'event');
    if (event.startsWith('refer') && call) {
      call.notifies.push(message.body.trim());
      call.changes.notify();
    } else if (event.startsWith('talk') && this.talkEvent) {
      this.calls.find((one) => one.direction === 'in' && one.state === 'ringing')?.answer();
    }
  }

  async #invited(message: SipMessage): Promise<void> {
    const callId = header(message, 'call-id');
    this.#opening.add(callId);
    this.#reply(message, 100);
    const rtp = await Rtp.open(this.tone);
    this.#opening.delete(callId);
    const call = SipCall.incoming(this.#line, rtp, message);
    const { ring = 'ring', answerAfterMs, reject, rejectHeaders, hangupAfterMs } = this.behaviour;
    if (ring !== 'silent') call.ring({ early: ring === 'early' });
    this.#add(call);
    if (reject !== undefined) this.#after(answerAfterMs ?? 0, () => call.reject(reject, rejectHeaders));
    else if (answerAfterMs !== undefined) {
      this.#after(answerAfterMs, () => {
        call.answer();
        if (hangupAfterMs !== undefined) this.#after(hangupAfterMs, () => void call.hangup());
      });
    }
  }
}

const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  404: 'Not Found',
  480: 'Temporarily Unavailable',
  481: 'Call Does Not Exist',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  603: 'Decline',
};
