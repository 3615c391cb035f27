/** Sound files that the switch writes: taken into a plugin's storage, measured, named, and heard. */
export { adoptSound, type StoredSound } from './adopt-sound.ts';
export { createPlaybacks } from './playbacks.ts';
export { soundFileName } from './sound-file-name.ts';
