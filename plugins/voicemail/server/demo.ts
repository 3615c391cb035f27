import type { PayloadOf, PluginContext } from '@jackfield/core/sdk';
import { BoxEntity } from './box.entity.ts';

/** A box of which the demo's menu, made after it, takes notice. */
export async function seedDemo(ctx: PluginContext, { hints }: PayloadOf<'core:demo'>): Promise<void> {
  const { locale } = await ctx.directory.tenant();
  await ctx.repo(BoxEntity).insert({ name: ctx.i18n.t('demo.box', {}, locale), locale });
  hints.push('Press 0 on the hotline to leave a message; supervisors find it under "Voicemail" (语音留言).');
}
