/** Users of the directory, and the phones they have registered. */
import type { Channel } from './channel.ts';
import { Phone, type PhoneBehaviour } from './phone.ts';
import { fireExpired, fireRefused, fireRegistered, fireUnregistered } from './registration-events.ts';
import type { SwitchCore } from './switch-core.ts';

const FIRST_PORT = 6100;
const REGISTRATION_SEC = 3600;

export interface DirectoryUser {
  readonly name: string;
  readonly domain: string;
  /** Put on the leg when the user answers. */
  readonly variables: Readonly<Record<string, string>>;
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
    fireRegistered(this.#core, phone, this.#variablesOf(phone));
    return phone;
  }

  /** A REGISTER with a wrong password, or of a user nobody knows. */
  refuse(name: string, domain: string): void {
    fireRefused(this.#core, this.#newPhone(name, domain, 'manual', {}));
  }

  unregister(name: string, domain: string): boolean {
    const phone = this.#phones.get(key(name, domain));
    if (!phone) return false;
    this.#phones.delete(key(name, domain));
    this.#listed.delete(key(name, domain));
    fireUnregistered(this.#core, phone, this.#variablesOf(phone));
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
    fireExpired(this.#core, phone);
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

  #variablesOf(phone: Phone): Readonly<Record<string, string>> {
    return this.user(phone.user, phone.domain)?.variables ?? {};
  }
}

const key = (name: string, domain: string) => `${name}@${domain}`;
