/**
 * What a FreeSWITCH node asks of the server while it runs (mod_xml_curl): the phones of agents, the gateways to
 * carriers, and who may call in over a trunk. All of it lives in the database; nothing is written to the switch.
 * After a change of gateways or carriers the node has to be told: see `refreshCommands`.
 */

/** `md5(user:domain:password)` in hex, so that the password itself need not be kept; or the password. */
export type SipCredential =
  | { readonly a1Hash: string; readonly password?: undefined }
  | { readonly password: string; readonly a1Hash?: undefined };

/** A phone's account. */
export type SipUser = SipCredential & {
  /** Set on every leg from and to this phone. */
  readonly variables?: Readonly<Record<string, string>>;
};

/** A way out to a carrier: dialled as `sofia/gateway/<name>/<number>`. */
export interface SipGateway {
  /** Letters, digits, `_`, `-` and `.` only, unique in the node: FreeSWITCH ignores all others. */
  readonly name: string;
  /** Host or host:port. */
  readonly proxy: string;
  /** Whether the switch registers with the carrier. Needs `username` and `password`. */
  readonly register: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Realm of the carrier's challenge, if it is not the proxy. */
  readonly realm?: string;
  readonly fromUser?: string;
  readonly fromDomain?: string;
  readonly transport?: 'udp' | 'tcp';
  /** Seconds between OPTIONS that find out whether the carrier answers; none unless given. */
  readonly pingSeconds?: number;
  /** Set on every leg over this gateway, either way. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Somebody who may send calls in over the `trunk` profile: by address, by password, or both. */
export interface SipCarrier {
  /** Appears on the leg as `variable_sip_acl_token` or `variable_user_name`. No `@`. */
  readonly id: string;
  /** `192.0.2.10/32`; none if it authenticates. */
  readonly networks: readonly string[];
  /** Name and realm of the digest are `id` and CARRIER_DOMAIN. */
  readonly credential?: SipCredential;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface ProvisioningLookup {
  /** The account `user@domain`, or null; the domain is the tenant's. */
  user(user: string, domain: string): Promise<SipUser | null>;
  /** All gateways of a SIP profile (`trunk`). */
  gateways(profile: string): Promise<readonly SipGateway[]>;
  carriers(): Promise<readonly SipCarrier[]>;
}

/** The domain in which carriers have their accounts; no tenant may have it. Also in core/freeswitch/conf. */
export const CARRIER_DOMAIN = 'carriers.jackfield';
