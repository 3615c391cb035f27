/** Virtual phones of the directory's users: who exists, who is registered, and how each takes a call. */
import type { Channel } from './channel.ts';
import type { Header } from './event-message.ts';
import type { FarEnd } from './far-end.ts';
import { legAnswered, legHold, legHungUp, legRefused, legRinging } from './leg.ts';
import { type LegStep, runLegScript } from './leg-script.ts';
import type { SwitchCore } from './switch-core.ts';
import { voiceHz } from './voice.ts';

/**
 * `manual`: rings until somebody answers or rejects it · `busy`: 486 · `reject`: 603 · `noanswer`: rings for ever ·
 * `gone`: registered, but not there any more · `answerAfterMs`: picks up by itself · `script`: anything else
 */
export type PhoneBehaviour =
  | 'manual'
  | 'busy'
  | 'reject'
  | 'noanswer'
  | 'gone'
  | { readonly answerAfterMs: number }
  | { readonly script: readonly LegStep[] };

const RING_MS = 40;
const REFUSE_MS = 360;
const AUTO_ANSWER_MS = 120;
const GONE_MS = 1000;
const FIRST_PORT = 6100;
const REGISTRATION_SEC = 3600;

export interface DirectoryUser {
  readonly name: string;
  readonly domain: string;
  /** Put on the leg when the user answers. */
  readonly variables: Readonly<Record<string, string>>;
}

export class Phone implements FarEnd {
  readonly user: string;
  readonly domain: string;
  readonly contact: string;
  readonly host: string;
  readonly port: number;
  readonly toneHz: number;
  readonly callId: string;
  readonly expiresSec: number;
  /** Epoch second in which the registration ends. */
  readonly expiresAt: number;
  behaviour: PhoneBehaviour;
  /** Legs that ring or talk at this phone, oldest first. */
  readonly legs = new Set<Channel>();

  constructor(init: {
    user: string;
    domain: string;
    host: string;
    port: number;
    behaviour: PhoneBehaviour;
    callId: string;
    expiresSec: number;
    expiresAt: number;
  }) {
    this.user = init.user;
    this.domain = init.domain;
    this.host = init.host;
    this.port = init.port;
    this.contact = `${init.user}@127.0.0.1:${init.port}`;
    this.toneHz = voiceHz(`${init.user}@${init.domain}`);
    this.behaviour = init.behaviour;
    this.callId = init.callId;
    this.expiresSec = init.expiresSec;
    this.expiresAt = init.expiresAt;
  }

  get label(): string {
    return `${this.user}@${this.domain}`;
  }

  ring(leg: Channel): void {
    this.legs.add(leg);
    leg.onGone.push(() => this.legs.delete(leg));
    // Phones that know `Call-Info: answer-after=0` pick up by themselves; a virtual one does.
    const autoAnswer = this.behaviour === 'manual' && leg.get('sip_auto_answer') === 'true';
    runLegScript(leg, scriptOf(autoAnswer ? { answerAfterMs: AUTO_ANSWER_MS } : this.behaviour));
  }

  ended(leg: Channel): void {
    this.legs.delete(leg);
  }

  /** NOTIFY `talk` answers or resumes, `hold` holds: as phones that support it do. */
  phoneEvent(leg: Channel, event: string): void {
    if (event === 'talk') {
      if (leg.answered) legHold(leg, false);
      else legAnswered(leg);
    } else if (event === 'hold') {
      legHold(leg, true);
    }
  }
}

function scriptOf(behaviour: PhoneBehaviour): readonly LegStep[] {
  const ring: LegStep = { atMs: RING_MS, do: 'ring' };
  if (typeof behaviour === 'object') {
    if ('script' in behaviour) return behaviour.script;
    const atMs = behaviour.answerAfterMs;
    return [
      { atMs: Math.min(RING_MS, atMs), do: 'ring' },
      { atMs, do: 'answer' },
    ];
  }
  switch (behaviour) {
    case 'busy':
      return [ring, { atMs: REFUSE_MS, do: 'refuse', status: 486 }];
    case 'reject':
      return [ring, { atMs: REFUSE_MS, do: 'refuse', status: 603 }];
    case 'gone':
      return [{ atMs: GONE_MS, do: 'refuse', status: 503 }];
    default:
      return [ring];
  }
}

/** `auto-answer-ms | manual | busy | reject | noanswer | gone`, as `jackfield phone register` takes it. */
export function parseBehaviour(word: string | undefined): PhoneBehaviour | null {
  if (word === undefined || word === '' || word === 'manual') return 'manual';
  if (word === 'busy' || word === 'reject' || word === 'noanswer' || word === 'gone') return word;
  return /^\d+$/.test(word) ? { answerAfterMs: Number(word) } : null;
}

export interface PhoneOptions {
  /** UDP port of its contact. */
  readonly port?: number;
  readonly expiresSec?: number;
  /** Host in its From; default: its domain. */
  readonly host?: string;
}

export class Phones {
  readonly #core: SwitchCore;
  readonly #users = new Map<string, DirectoryUser>();
  readonly #phones = new Map<string, Phone>();
  /** What `show registrations` lists; a flushed phone stays in it (trace 12). */
  readonly #listed = new Map<string, Phone>();
  #nextPort = FIRST_PORT;

  constructor(core: SwitchCore) {
    this.#core = core;
  }

  /** Makes a user known who need not be registered. */
  addUser(name: string, domain: string, variables: Readonly<Record<string, string>> = {}): void {
    this.#users.set(key(name, domain), { name, domain, variables });
  }

  removeUser(name: string, domain: string): void {
    this.#users.delete(key(name, domain));
    this.unregister(name, domain);
  }

  user(name: string, domain: string): DirectoryUser | null {
    return this.#users.get(key(name, domain)) ?? null;
  }

  userExists(name: string, domain: string): boolean {
    return this.#users.has(key(name, domain));
  }

  /** A REGISTER. A second one replaces the first without any event about the first (trace 12 E). */
  register(
    name: string,
    domain: string,
    behaviour: PhoneBehaviour = 'manual',
    options: PhoneOptions = {},
  ): Phone {
    if (!this.userExists(name, domain)) this.addUser(name, domain);
    const before = this.#phones.get(key(name, domain));
    const phone = this.#newPhone(name, domain, behaviour, options);
    // calls that are up stay with the phone, whatever it will do with the next one
    for (const leg of before?.legs ?? []) phone.legs.add(leg);
    this.#phones.set(key(name, domain), phone);
    this.#listed.delete(key(name, domain));
    this.#listed.set(key(name, domain), phone);
    this.#fireRegister(phone);
    return phone;
  }

  /** A REGISTER with a wrong password, or of a user nobody knows. */
  refuse(name: string, domain: string): void {
    const phone = this.#newPhone(name, domain, 'manual', {});
    const { headers, status, tail, auth, agent } = this.#attempt(phone);
    this.#core.fireCustom('sofia::pre_register', [...headers, ...status, ...tail, agent]);
    this.#core.fireCustom('sofia::register_attempt', [
      ...headers,
      ...status,
      ...tail,
      ...auth,
      agent,
      ['auth-result', 'FORBIDDEN'],
    ]);
    this.#core.fireCustom('sofia::register_failure', [
      ['profile-name', 'internal'],
      ['to-user', name],
      ['to-host', '127.0.0.1'],
      ...tail,
      agent,
      ['registration-type', 'REGISTER'],
    ]);
  }

  unregister(name: string, domain: string): boolean {
    const phone = this.#phones.get(key(name, domain));
    if (!phone) return false;
    this.#phones.delete(key(name, domain));
    this.#listed.delete(key(name, domain));
    const { headers, status, tail, auth, agent } = this.#attempt(phone, 'Unregistered');
    this.#core.fireCustom('sofia::pre_register', [...headers, ...status, ...tail, agent]);
    this.#core.fireCustom('sofia::register_attempt', [
      ...headers,
      ...status,
      ...tail,
      ...auth,
      agent,
      ['auth-result', 'RENEWED'],
    ]);
    this.#core.fireCustom('sofia::unregister', [
      ...headers,
      ['rpid', 'unknown'],
      ['expires', '0'],
      ...tail,
      ...auth,
      agent,
      ...this.#userHeaders(phone),
    ]);
    return true;
  }

  /** `sofia profile internal flush_inbound_reg`: the registration ends as if it had expired. */
  flush(name: string, domain: string): boolean {
    return this.#end(name, domain);
  }

  /** Its time is over, and it did not register again. */
  expire(name: string, domain: string): boolean {
    this.#listed.delete(key(name, domain));
    return this.#end(name, domain);
  }

  #end(name: string, domain: string): boolean {
    const phone = this.#phones.get(key(name, domain));
    if (!phone) return false;
    this.#phones.delete(key(name, domain));
    this.#core.fireCustom('sofia::expire', [
      ['profile-name', 'internal'],
      ['call-id', phone.callId],
      ['user', name],
      ['username', name],
      ['host', domain],
      ['contact', `"" <sip:${phone.contact}>`],
      ['expires', String(phone.expiresAt)],
      ['user-agent', 'TestPhone/1.0'],
      ['realm', '127.0.0.1'],
      ['network-ip', '127.0.0.1'],
      ['network-port', String(phone.port)],
    ]);
    return true;
  }

  find(name: string, domain: string): Phone | null {
    return this.#phones.get(key(name, domain)) ?? null;
  }

  findByContact(contact: string): Phone | null {
    for (const phone of this.#phones.values()) if (phone.contact === contact) return phone;
    return null;
  }

  all(): readonly Phone[] {
    return [...this.#phones.values()];
  }

  /** Rows of `show registrations`: not all of these can be called. */
  listed(): readonly Phone[] {
    return [...this.#listed.values()];
  }

  /** What the directory knows of the user who was called. */
  directoryVariables(leg: Channel): void {
    const user = this.user(leg.get('dialed_user') ?? '', leg.get('dialed_domain') ?? '');
    for (const [name, value] of Object.entries(user?.variables ?? {})) leg.set(name, value);
    leg.set('originate_endpoint', 'user');
  }

  #newPhone(name: string, domain: string, behaviour: PhoneBehaviour, options: PhoneOptions): Phone {
    const before = this.#phones.get(key(name, domain));
    const { expiresSec = REGISTRATION_SEC } = options;
    return new Phone({
      user: name,
      domain,
      behaviour,
      host: options.host ?? before?.host ?? domain,
      port: options.port ?? before?.port ?? this.#nextPort++,
      callId: before?.callId ?? this.#core.newUuid().slice(0, 18).replaceAll('-', ''),
      expiresSec,
      expiresAt: Math.floor(this.#core.clock.nowUs() / 1e6) + expiresSec,
    });
  }

  #attempt(phone: Phone, statusText = 'Registered(UDP)') {
    const status: Header[] = [
      ['rpid', 'unknown'],
      ['status', statusText],
      ['expires', statusText === 'Unregistered' ? '0' : String(phone.expiresSec)],
      ['to-user', phone.user],
      ['to-host', '127.0.0.1'],
    ];
    const auth: Header[] = [
      ['username', phone.user],
      ['realm', '127.0.0.1'],
    ];
    const agent: Header = ['user-agent', 'TestPhone/1.0'];
    return { ...registration(phone), status, auth, agent };
  }

  #fireRegister(phone: Phone): void {
    const { headers, status, tail, auth, agent } = this.#attempt(phone);
    this.#core.fireCustom('sofia::pre_register', [...headers, ...status, ...tail, agent]);
    this.#core.fireCustom('sofia::register_attempt', [
      ...headers,
      ...status,
      ...tail,
      ...auth,
      agent,
      ['auth-result', 'RENEWED'],
    ]);
    this.#core.fireCustom('sofia::register', [
      ...headers.slice(0, 3),
      ['presence-hosts', `${phone.domain},127.0.0.1`],
      ...headers.slice(3),
      ...status,
      ...tail,
      ...auth,
      agent,
      ...this.#userHeaders(phone),
    ]);
  }

  #userHeaders(phone: Phone): Header[] {
    const user = this.user(phone.user, phone.domain);
    return [
      ['sip_number_alias', phone.user],
      ['sip_auth_username', phone.user],
      ['sip_auth_realm', '127.0.0.1'],
      ['number_alias', phone.user],
      ['user_name', phone.user],
      ['domain_name', phone.domain],
      ...Object.entries(user?.variables ?? {}),
    ];
  }
}

function registration(phone: Phone): { headers: Header[]; tail: Header[] } {
  return {
    headers: [
      ['profile-name', 'internal'],
      ['from-user', phone.user],
      ['from-host', phone.domain],
      ['contact', `"" <sip:${phone.contact}>`],
      ['call-id', phone.callId],
    ],
    tail: [
      ['network-ip', '127.0.0.1'],
      ['network-port', String(phone.port)],
    ],
  };
}

const key = (name: string, domain: string) => `${name}@${domain}`;

/** What a person does at a phone; each returns false when it makes no sense in the state of the leg. */
export const handset = {
  ring: (leg: Channel) => act(leg, !leg.mediaUp, () => legRinging(leg)),
  answer: (leg: Channel) => act(leg, leg.direction === 'outbound' && !leg.answered, () => legAnswered(leg)),
  reject: (leg: Channel, status = 603, reasonQ850?: number) =>
    act(leg, leg.direction === 'outbound' && !leg.answered, () => legRefused(leg, status, reasonQ850)),
  hangup: (leg: Channel) => act(leg, true, () => legHungUp(leg)),
  hold: (leg: Channel, on: boolean) => act(leg, leg.answered, () => legHold(leg, on)),
  digits: (leg: Channel, keys: string) =>
    act(leg, leg.mediaUp, () => {
      for (const key of keys) if (/[0-9*#A-Da-d]/.test(key)) leg.receiveDigit(key);
    }),
};

function act(leg: Channel, allowed: boolean, fn: () => void): boolean {
  if (leg.hungUp || !allowed) return false;
  fn();
  return true;
}
