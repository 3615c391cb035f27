import type { NodeType } from '../../contract.ts';
import { collect } from './collect.ts';
import { backToParent, backToTop, destination, externalNumber, hangup, queue, voicemail } from './leave.ts';
import { menu } from './menu.ts';
import { play, sayNumber, start } from './play.ts';

/** In the order in which the editor offers them. */
export const builtInNodes: readonly NodeType[] = [
  start,
  play,
  menu,
  sayNumber,
  collect,
  queue,
  destination,
  externalNumber,
  voicemail,
  backToParent,
  backToTop,
  hangup,
];
