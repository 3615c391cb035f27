import type { PayloadOf, PluginContext } from '@jackfield/core/sdk';
import type { DestinationRef } from '../contract.ts';
import type { Destinations } from './calls/destinations.ts';
import { ExtensionEntity } from './entities/extension.entity.ts';
import { NumberEntity } from './entities/number.entity.ts';
import { a1Hash, type Extensions, newPassword } from './extensions/extensions.ts';
import { digitsOf } from './numbers/normalise.ts';
import type { Numbers } from './numbers/numbers.ts';

const HOTLINE = '4008001234';
const FIRST_EXTENSION = 1001;

/** A phone for everybody, and a hotline that leads into the first flow there is, else the first queue. */
export async function seedDemo(
  ctx: PluginContext,
  deps: { readonly extensions: Extensions; readonly numbers: Numbers; readonly destinations: Destinations },
  { users, hints }: PayloadOf<'core:demo'>,
): Promise<void> {
  const extensions = ctx.repo(ExtensionEntity);
  const domain = await deps.extensions.domain();
  for (const [i, user] of users.entries()) {
    const number = String(FIRST_EXTENSION + i);
    await extensions.insert({
      number,
      userId: user.id,
      domain,
      device: 'browser',
      // Nobody registers these by hand: a new password can be made at any time.
      a1Hash: a1Hash(number, domain, newPassword()),
    });
  }
  const destination = await firstDestination(deps.destinations);
  if (!destination) return;
  await ctx.repo(NumberEntity).insert({
    number: deps.numbers.normalise(HOTLINE),
    asGiven: HOTLINE,
    dialled: digitsOf(HOTLINE),
    alias: ctx.i18n.t('demo.hotline', {}, (await ctx.directory.tenant()).locale),
    destination,
  });
  hints.push(`Dial ${HOTLINE} on /phone, the customer's phone.`);
}

async function firstDestination(destinations: Destinations): Promise<DestinationRef | null> {
  const active = destinations.active();
  for (const kind of ['ivr', 'queue', 'extension']) {
    const found = active.find(({ destination }) => destination.kind === kind);
    const option = (await found?.destination.options())?.[0];
    if (option) return { kind, target: option.target as DestinationRef['target'] };
  }
  return null;
}
