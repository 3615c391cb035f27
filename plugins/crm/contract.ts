/**
 * CRM: customers, found by their addresses on any channel.
 *
 * Who calls: whoever has an address and wants to know whose it is. In the tenant of the scope.
 * May fail: as the data layer does; an address nobody has is null, not an error.
 */
import { defineContract } from '@jackfield/core/sdk';

export interface CrmApi {
  /** By E.164 number, or the address on another channel; null for somebody new. */
  find(address: string): Promise<{ readonly id: string; readonly name: string } | null>;
}
export const crm = defineContract<CrmApi>('crm');
