import { reactive, watch } from 'vue';

/** Device ids as the browser has them; empty for its own choice. */
export interface AudioChoice {
  microphone: string;
  speaker: string;
  /** Where it rings: a loudspeaker is heard when the headset lies on the table. */
  ringer: string;
}
export interface AudioDevice {
  readonly id: string;
  readonly label: string;
}

/** A choice of this machine, not of its user: another desk has another headset. */
const KEY = 'telephony:audio';

export const audioChoice = reactive<AudioChoice>({ microphone: '', speaker: '', ringer: '', ...stored() });
watch(audioChoice, (choice) => localStorage.setItem(KEY, JSON.stringify(choice)));

function stored(): Partial<AudioChoice> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<AudioChoice>;
  } catch {
    return {};
  }
}

/** What is plugged in now. Labels are empty until the microphone is allowed. */
export async function audioDevices(): Promise<Record<'inputs' | 'outputs', AudioDevice[]>> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind) =>
    all
      .filter((device) => device.kind === kind && device.deviceId !== '' && device.deviceId !== 'default')
      .map(({ deviceId, label }) => ({ id: deviceId, label: label || deviceId.slice(0, 8) }));
  return { inputs: of('audioinput'), outputs: of('audiooutput') };
}

/** The chosen microphone, or any while that one is not plugged in. */
export function microphoneConstraints(): MediaTrackConstraints | true {
  return audioChoice.microphone === '' ? true : { deviceId: { ideal: audioChoice.microphone } };
}

/** Not every browser can choose, and a device may be unplugged: then it is the browser's own choice. */
export async function playAt(
  sink: { setSinkId?(id: string): Promise<void> } | AudioContext,
  deviceId: string,
): Promise<void> {
  if (deviceId === '' || !('setSinkId' in sink)) return;
  await (sink as { setSinkId(id: string): Promise<void> }).setSinkId(deviceId).catch(() => undefined);
}
