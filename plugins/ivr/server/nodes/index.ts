import type { NodeType } from '../../contract.ts';
import { collect } from './collect.ts';
import { destination, hangup, queue, voicemail } from './leave.ts';
import { menu } from './menu.ts';
import { play, sayNumber, start } from './play.ts';

export const builtInNodes: readonly NodeType[] = [
  start,
  play,
  menu,
  sayNumber,
  collect,
  queue,
  destination,
  voicemail,
  hangup,
];
