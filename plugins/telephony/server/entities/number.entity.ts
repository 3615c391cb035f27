import { bool, defineEntity, json, type RowOf, text } from '@jackfield/core/sdk';
import type { DestinationRef } from '../../contract.ts';

/**
 * An access number of a tenant. `number` and `dialled` are also unique over the installation (the migration adds
 * those indexes): a call is looked up by what the trunk says before its tenant is known.
 */
export const NumberEntity = defineEntity({
  table: 'telephony_number',
  columns: {
    /** E.164 where it could be made so, else digits. */
    number: text(32),
    asGiven: text(64),
    /** The digits of what was given: what a trunk that leaves out the country sends. */
    dialled: text(32),
    /** Shown in place of the number, such as "Sales hotline"; empty for none. */
    alias: text(64, { default: '' }),
    vip: bool({ default: false }),
    enabled: bool({ default: true }),
    destination: json<DestinationRef>(),
  },
  indexes: [{ columns: ['number'] }, { columns: ['alias'] }],
});
export type NumberRow = RowOf<typeof NumberEntity>;
