/** What people type to sign in: `name@tenant-slug`, or `name` for an operator. Case does not count. */
export interface AccountName {
  readonly username: string;
  /** Null for operators. */
  readonly slug: string | null;
  /** How it is stored and counted. */
  readonly account: string;
}

export function parseAccountName(typed: string): AccountName {
  const account = typed.trim().normalize('NFKC').toLowerCase();
  const at = account.lastIndexOf('@');
  if (at < 0) return { username: account, slug: null, account };
  return { username: account.slice(0, at), slug: account.slice(at + 1), account };
}

export function accountName(username: string, slug: string | null): string {
  const name = username.normalize('NFKC').toLowerCase();
  return slug === null ? name : `${name}@${slug}`;
}
