/** core-33 to core-35: after the third wrong password of a day a captcha, after the tenth the account is locked until the next day. */
export const captchaAfter = 3;
export const lockAfter = 10;

export interface DayCount {
  readonly day: string;
  readonly failures: number;
}
export type SignInState =
  | { readonly kind: 'open'; readonly failures: number; readonly captcha: boolean }
  | { readonly kind: 'locked' };

/** Where an account stands today; what was counted on another day no longer counts. */
export function signInState(count: DayCount | null, today: string): SignInState {
  const failures = count?.day === today ? count.failures : 0;
  if (failures >= lockAfter) return { kind: 'locked' };
  return { kind: 'open', failures, captcha: failures >= captchaAfter };
}
