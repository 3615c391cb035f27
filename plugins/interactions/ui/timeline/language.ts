import { formatDuration, textsOf } from '@jackfield/admin-ui/sdk';
import type { Language } from './words.ts';

/** The words of the plugins that are on, in the reader's language. */
export const language: Language = { textsOf, duration: formatDuration };
