import { randomBytes } from 'node:crypto';
import { JackfieldError, type PluginContext } from '@jackfield/core/sdk';
import type { BrowserPhoneAccount, PhoneDevice } from '../../contract.ts';
import { ExtensionEntity, type ExtensionRow } from '../entities/extension.entity.ts';
import { a1Hash, type Extensions, newPassword } from '../extensions/extensions.ts';
import type { Softphone } from './softphone.ts';

/** How long the password of a page is good; the page asks for another before. */
const GOOD_MS = 15 * 60_000;

/**
 * The workbench as a phone on a real switch. One page at a time has the account of its user's extension: whichever
 * asked last. Its password is good for minutes, so that nothing worth stealing lies in a browser.
 */
export interface BrowserPhones {
  /**
   * Makes this page the phone of its user. CALL_STATE if he has no extension, answers at a desk phone, or the switch
   * has no phones of browsers.
   */
  claim(userId: string, pageId: string): Promise<BrowserPhoneAccount>;
  /** Where his calls ring from now on. CALL_STATE while he is in a call. */
  choose(userId: string, device: PhoneDevice): Promise<void>;
}

export function createBrowserPhones(deps: {
  readonly ctx: PluginContext;
  readonly extensions: Extensions;
  readonly softphone: Pick<Softphone, 'phoneChanged'>;
  isBusy(userId: string): boolean;
}): BrowserPhones {
  const { ctx, extensions, softphone } = deps;
  const rows = ctx.repo(ExtensionEntity);

  async function own(userId: string): Promise<ExtensionRow> {
    const extension = await extensions.ofUser(userId);
    if (!extension) throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.noExtension'));
    return extension;
  }

  return {
    async claim(userId, pageId) {
      const extension = await own(userId);
      const socket = ctx.calls.browserPhonePath();
      if (socket === null || extension.device !== 'browser')
        throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.noBrowserPhone'));
      const { id, number, domain } = extension;
      const password = newPassword();
      const goodUntil = ctx.clock.now() + GOOD_MS;
      await rows.update(id, { pageId, pageHash: a1Hash(number, domain, password), pageUntil: goodUntil });
      if (extension.pageId !== pageId) await softphone.phoneChanged(userId);
      return { user: number, domain, password, socket, goodUntil };
    },
    async choose(userId, device) {
      const extension = await own(userId);
      if (extension.device === device) return;
      if (deps.isBusy(userId)) throw new JackfieldError('CALL_STATE', ctx.i18n.t('error.inCall'));
      await rows.update(extension.id, { device, ...noPage });
      await forgetPhone(ctx, extension);
      await softphone.phoneChanged(userId);
    },
  };
}

/** Whoever has registered with a password that is void is not rung any more. */
export async function forgetPhone(
  ctx: PluginContext,
  { number, domain }: Pick<ExtensionRow, 'number' | 'domain'>,
): Promise<void> {
  await ctx.calls.forgetPhone(number, domain).catch((error: unknown) => {
    // It ends by itself within minutes, and cannot be renewed.
    ctx.log.warn({ err: error, number, domain }, 'the registration of a phone could not be ended');
  });
}

/** No page is the phone: the password of the one that was is void. */
export const noPage = { pageId: null, pageHash: null, pageUntil: null };

/**
 * What the switch checks the phone of this extension against: one hash at a time, so that a desk phone left plugged in
 * does not take the calls of who answers in the browser, nor the other way round.
 */
export function hashOf(extension: ExtensionRow, now: number): string {
  if (extension.device === 'desk') return extension.a1Hash;
  const { pageHash, pageUntil } = extension;
  if (pageHash !== null && pageUntil !== null && pageUntil > now) return pageHash;
  // The switch must know the phone to find out that it is not there; nobody has this password.
  return randomBytes(16).toString('hex');
}
