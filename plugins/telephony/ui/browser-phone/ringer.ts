import { audioChoice, playAt } from './audio-devices.ts';

/** Seconds of tone and of a whole round, as a telephone rings. */
const TONE_SEC = 1;
const ROUND_SEC = 4;
const HERTZ = [425, 475];
const VOLUME = 0.08;

/**
 * Rings until the returned function is called. A page that nobody has touched since it was loaded may not make a
 * sound: then it rings from the first click or key on.
 */
export function ring(): () => void {
  const context = new AudioContext();
  void playAt(context, audioChoice.ringer);
  const volume = context.createGain();
  volume.connect(context.destination);
  volume.gain.value = 0;
  for (const hertz of HERTZ) {
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(volume);
    tone.start();
  }
  const round = () => {
    const now = context.currentTime;
    // Not at once from nothing to full: that would click.
    volume.gain.setTargetAtTime(VOLUME, now, 0.02);
    volume.gain.setTargetAtTime(0, now + TONE_SEC, 0.02);
  };
  round();
  const timer = setInterval(round, ROUND_SEC * 1_000);
  const wake = () => void context.resume();
  addEventListener('pointerdown', wake);
  addEventListener('keydown', wake);
  return () => {
    clearInterval(timer);
    removeEventListener('pointerdown', wake);
    removeEventListener('keydown', wake);
    void context.close();
  };
}
