import { z } from 'zod';
import { locales } from '../i18n/locale.ts';

export const idParams = z.object({ id: z.string().max(26) });
export const localeField = z.enum(locales);
export const nameField = z.string().trim().min(1).max(64);
/** Length is what counts (NIST SP 800-63B, 5.1.1); no rules about kinds of characters. */
export const passwordField = z.string().min(8).max(200);
/** Letters of any script, digits, `.`, `_`, `-`; no `@`, which divides it from the tenant. */
export const usernameField = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u);
export const emailField = z.email().max(254);
export const mobileField = z
  .string()
  .trim()
  .regex(/^\+?[\d -]{3,31}$/);
