export type * from './contract.ts';
export { type Auth, type AuthDependencies, createAuth } from './create-auth.ts';
export { authEntities } from './entities/index.ts';
export { logRedaction, maskNumber, maskNumbersIn, maskRecord } from './mask.ts';
