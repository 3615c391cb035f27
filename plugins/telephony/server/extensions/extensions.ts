import { createHash, randomBytes } from 'node:crypto';
import type { PluginContext } from '@jackfield/core/sdk';
import { ExtensionEntity, type ExtensionRow } from '../entities/extension.entity.ts';

export interface Extensions {
  ofUser(userId: string): Promise<ExtensionRow | null>;
  byNumber(number: string): Promise<ExtensionRow | null>;
  /** Of any tenant: a phone says its user and domain before anything else is known. */
  byPhone(user: string, domain: string): Promise<ExtensionRow | null>;
  /** Of any tenant, for work that runs outside of one. */
  ofUserAnywhere(userId: string): Promise<ExtensionRow | null>;
  /** Domain of the phones of the scope's tenant. */
  domain(): Promise<string>;
}

export function createExtensions(ctx: PluginContext): Extensions {
  const extensions = ctx.repo(ExtensionEntity);
  return {
    ofUser: (userId) => extensions.findOne({ userId }),
    byNumber: (number) => extensions.findOne({ number }),
    byPhone: (user, domain) => ctx.acrossTenants(() => extensions.findOne({ number: user, domain })),
    ofUserAnywhere: (userId) => ctx.acrossTenants(() => extensions.findOne({ userId })),
    async domain() {
      const { slug } = await ctx.directory.tenant();
      return `${slug}.${ctx.settings.get<string>('sip-domain')}`;
    },
  };
}

/** A new SIP password, long enough that a digest that leaked cannot be tried out. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url');
}

/** HA1 of the digest of SIP (RFC 2617): what the switch checks a phone's answer against. */
export function a1Hash(user: string, domain: string, password: string): string {
  return createHash('md5').update(`${user}:${domain}:${password}`).digest('hex');
}
