/**
 * One place that decides how a phone number or a secret is hidden: on screens, in exports, webhooks, logs,
 * file names and the audit log.
 */

/**
 * `13800138000` → `138****8000`, `+8613800138000` → `+86138****8000`, `01012345678` → `010****5678`. Four digits are hidden,
 * before the last four (the last two of a number with fewer than ten digits). Up to five digits are an extension or a public
 * service and stay. Separators are dropped, since they give away the length of the parts.
 */
export function maskNumber(number: string): string {
  const plus = number.trim().startsWith('+') ? '+' : '';
  const digits = number.replace(/\D/g, '');
  if (digits.length <= 5) return number;
  const tail = digits.length >= 10 ? 4 : 2;
  const head = Math.max(0, digits.length - tail - 4);
  return `${plus}${digits.slice(0, head)}****${digits.slice(digits.length - tail)}`;
}

const numberInText = /(?<![\w-])(?!\d{4}-\d\d-\d\d\b)\+?\d(?:[ -]?\d){6,17}(?![\w-])/g;

/** Masks what looks like a phone number (7 to 18 digits standing alone, and no date) within a text or a path. */
export function maskNumbersIn(text: string): string {
  return text.replace(numberInText, (match) => maskNumber(match));
}

const secretKey = /password|passwd|secret|token|captcha|api_?key|authorization|cookie|hash$/i;
const numberKey = /phone|mobile|msisdn|(^|_)(number|caller|callee|ani|dnis)$|Number$/i;

/** A copy fit to be kept and shown: secrets become `***`, phone numbers are masked. Told by the key. */
export function maskRecord(value: unknown, key = ''): unknown {
  if (value === null || value === undefined) return value ?? null;
  if (secretKey.test(key)) return '***';
  if (typeof value === 'string') return numberKey.test(key) ? maskNumber(value) : value;
  if (Array.isArray(value)) return value.map((item) => maskRecord(item, key));
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, maskRecord(v, k)]));
  }
  return value;
}

/** For `pino({ redact })`: what never gets into a log, however it was passed. */
export const logRedaction = {
  paths: ['password', 'token', 'secret', 'authorization', 'cookie'].flatMap((name) => [
    name,
    `*.${name}`,
    `*.*.${name}`,
  ]),
  censor: '***',
};
