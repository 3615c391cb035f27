import type { PluginContext } from '@jackfield/core/sdk';
import { NumberEntity, type NumberRow } from '../entities/number.entity.ts';
import { digitsOf, normaliseNumber } from './normalise.ts';

export interface Numbers {
  /** The access number a trunk means, of whatever tenant; null when nobody has it. */
  lookup(dialled: string): Promise<NumberRow | null>;
  /** In the tenant of the scope. */
  normalise(number: string): string;
  /** The number that outbound calls show, in the tenant of the scope; empty when there is none. */
  outbound(): Promise<NumberRow | null>;
}

export function createNumbers(ctx: PluginContext): Numbers {
  const numbers = ctx.repo(NumberEntity);
  return {
    async lookup(dialled) {
      const digits = digitsOf(dialled);
      if (digits === '') return null;
      const international = digits.replace(/^00/, '');
      return await ctx.acrossTenants(async () => {
        const byNumber = await numbers.findOne({ number: { in: [`+${international}`, digits] } });
        return byNumber ?? (await numbers.findOne({ dialled: digits }));
      });
    },
    normalise: (number) => normaliseNumber(number, ctx.settings.get<string>('region')),
    async outbound() {
      const chosen = ctx.settings.get<string>('outbound-number');
      const wanted = chosen === '' ? null : await numbers.findOne({ dialled: digitsOf(chosen) });
      return wanted ?? (await numbers.findOne({ enabled: true }));
    },
  };
}
