import type { Desk } from './desk.ts';

interface Option {
  readonly kind: string;
  readonly label: string;
  readonly target: unknown;
}

/** A new access number, past the form: for tests of something else. `label` names a flow or a queue. */
export async function numberLeadsTo(admin: Desk, number: string, label: string): Promise<void> {
  const { options } = await admin.get<{ options: readonly Option[] }>('telephony/destinations');
  const option = options.find((one) => one.label.includes(label));
  if (!option)
    throw new Error(`There is no destination ${label}: ${options.map((one) => one.label).join(', ')}`);
  const destination = { kind: option.kind, target: option.target };
  await admin.post('telephony/numbers', { number, destination });
}
