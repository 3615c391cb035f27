export { type ErrorCode, errorCatalog } from './catalog.ts';
export { type ErrorDetails, JackfieldError } from './jackfield-error.ts';
