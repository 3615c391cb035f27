import { type Peaks, peakReader } from './peaks.ts';

/** Above this a waveform costs more than it tells; half an hour in stereo stays below. */
export const MOST_WAVE_BYTES = 64 * 1024 * 1024;

/** Rejects with AbortError when aborted; null when the file cannot be drawn. */
export async function loadPeaks(url: string, buckets: number, signal: AbortSignal): Promise<Peaks | null> {
  const response = await fetch(url, { credentials: 'same-origin', signal });
  const size = Number(response.headers.get('content-length'));
  if (!response.ok || !response.body || !(size > 0)) return null;
  const reader = peakReader(size, buckets);
  const stream = response.body.getReader();
  for (;;) {
    const { done, value } = await stream.read();
    if (done) return reader.peaks();
    reader.push(value);
  }
}
