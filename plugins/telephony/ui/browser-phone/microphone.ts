import { microphoneConstraints } from './audio-devices.ts';

/** `asking`: the browser asks the user now · `missing`: there is none, or another program has it */
export type Microphone = 'asking' | 'granted' | 'blocked' | 'missing';

/**
 * Asks for the microphone before the first call, so that an answer does not wait for a question of the browser.
 * Nothing stays open: no page listens while nobody talks.
 */
export async function askForMicrophone(): Promise<Microphone> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: microphoneConstraints() });
    for (const track of stream.getTracks()) track.stop();
    return 'granted';
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'blocked' : 'missing';
  }
}

/** Calls back when a microphone is plugged in, or is allowed or blocked in the settings of the browser. Returns the undo. */
export function watchMicrophone(changed: () => void): () => void {
  navigator.mediaDevices.addEventListener('devicechange', changed);
  let permission: PermissionStatus | null = null;
  let isOver = false;
  // Not every browser can be asked; then the user has the button.
  navigator.permissions
    .query({ name: 'microphone' })
    .then((status) => {
      if (isOver) return;
      permission = status;
      permission.addEventListener('change', changed);
    })
    .catch(() => undefined);
  return () => {
    isOver = true;
    navigator.mediaDevices.removeEventListener('devicechange', changed);
    permission?.removeEventListener('change', changed);
  };
}
