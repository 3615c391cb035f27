import type { Locale } from '../i18n/contract.ts';

export interface DirectoryUser {
  readonly id: string;
  readonly tenantId: string;
  readonly username: string;
  readonly name: string;
  readonly disabled: boolean;
  readonly permissions: ReadonlySet<string>;
}
export interface DirectoryTenant {
  readonly id: string;
  /** Short name in addresses and SIP domains: lower case letters, digits and `-`. */
  readonly slug: string;
  readonly name: string;
  /** IANA name, such as `Asia/Shanghai`. */
  readonly timeZone: string;
  readonly locale: Locale;
}
export interface PluginDirectory {
  /** In the tenant of the scope. NOT_FOUND if there is none. */
  user(id: string): Promise<DirectoryUser>;
  users(filter?: { search?: string; ids?: readonly string[] }): Promise<DirectoryUser[]>;
  tenant(id?: string): Promise<DirectoryTenant>;
  tenants(): Promise<DirectoryTenant[]>;
}
