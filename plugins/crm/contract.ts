/** CRM: customers, found by their numbers on any channel. */
import { defineContract } from '@jackfield/core/sdk';

export interface CrmApi {
  /** By E.164 address; null for somebody new. */
  find(address: string): Promise<{ readonly id: string; readonly name: string } | null>;
}
export const crm = defineContract<CrmApi>('crm');
