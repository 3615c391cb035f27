/** What the routes of the plugin answer. */
export const statuses = ['new', 'following', 'customer', 'lost'] as const;
export type Status = (typeof statuses)[number];

export interface CustomerAddress {
  readonly id: string;
  readonly channel: string;
  readonly address: string | null;
  readonly displayAddress: string;
}
export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly company: string;
  readonly status: Status;
  readonly source: string;
  readonly remark: string;
  readonly ownerUserId: string | null;
  readonly ownerName: string | null;
  readonly addresses: readonly CustomerAddress[];
  readonly createdAt: number;
  readonly updatedAt: number;
}
export interface PastContact {
  readonly id: string;
  readonly channel: string;
  readonly direction: 'inbound' | 'outbound' | 'internal';
  readonly displayAddress: string;
  readonly via: string;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly outcome: string | null;
  readonly ref: { readonly plugin: string; readonly id: string };
}
export interface ScreenPop {
  readonly customer: Customer | null;
  readonly channel: string | null;
  readonly displayAddress: string | null;
  readonly name: string;
  readonly pop: boolean;
  readonly contacts: number;
  readonly lastContact: PastContact | null;
}
/** What a form edits. */
export interface CustomerFields {
  name: string;
  company: string;
  status: Status;
  source: string;
  remark: string;
  ownerUserId: string | null;
}

export function fieldsOf(customer: Customer): CustomerFields {
  const { name, company, status, source, remark, ownerUserId } = customer;
  return { name, company, status, source, remark, ownerUserId };
}

export function emptyFields(name = '', ownerUserId: string | null = null): CustomerFields {
  return { name, company: '', status: 'new', source: '', remark: '', ownerUserId };
}

/** Colours of Element Plus' tags. */
export const statusTag: Readonly<Record<Status, 'primary' | 'warning' | 'success' | 'info'>> = {
  new: 'primary',
  following: 'warning',
  customer: 'success',
  lost: 'info',
};
