/** Recordings: real wav files whose channels carry the tones of who speaks. */
import type { Channel } from './channel.ts';
import { clockSecondsMs, type Timer } from './clock.ts';
import type { Header } from './event-message.ts';
import { SAMPLE_RATE, WavWriter } from './wav.ts';

/** Where recordings go. A test may keep them from touching the disk. */
export interface RecordingFiles {
  /** @returns null when the file cannot be written */
  open(path: string, channels: 1 | 2): RecordingFile | null;
}

export interface RecordingFile {
  /** Header included. */
  readonly bytes: number;
  append(samples: Int16Array): void;
  close(): void;
}

export function diskRecordings(localPath: (path: string) => string = (path) => path): RecordingFiles {
  return {
    open(path, channels) {
      try {
        return new WavWriter(localPath(path), channels);
      } catch {
        return null;
      }
    },
  };
}

const EXTENSIONS = /\.(wav|mp3|ogg|raw|sln|r8|pcma|pcmu|al|ul)$/i;
const FLUSH_MS = 1000;
const LEVEL = 9000;

export interface RecordingOptions {
  /** Clock seconds; 0 for no limit. */
  readonly limitSec?: number;
  /** `record` (application): no media bug, and no Record-Completion-Cause. */
  readonly application?: boolean;
}

/** @returns false when the file's extension is unknown or it cannot be written */
export function startRecording(channel: Channel, path: string, options: RecordingOptions = {}): boolean {
  if (channel.recorders.has(path)) return true;
  if (!EXTENSIONS.test(path)) return false;
  const stereo =
    options.application !== true && (channel.isTrue('RECORD_STEREO') || channel.isTrue('record_stereo'));
  const file = channel.core.options.recordings.open(path, stereo ? 2 : 1);
  if (!file) return false;
  const recorder = new Recorder(channel, path, file, stereo, options);
  channel.recorders.set(path, recorder);
  recorder.announce();
  return true;
}

export class Recorder {
  readonly path: string;
  readonly #channel: Channel;
  readonly #file: RecordingFile;
  readonly #stereo: boolean;
  readonly #application: boolean;
  readonly #startedUs: number;
  #writtenUs: number;
  #samples = 0;
  #masked = false;
  #flushTimer: Timer | null = null;
  #limitTimer: Timer | null = null;

  constructor(
    channel: Channel,
    path: string,
    file: RecordingFile,
    stereo: boolean,
    options: RecordingOptions,
  ) {
    this.#channel = channel;
    this.path = path;
    this.#file = file;
    this.#stereo = stereo;
    this.#application = options.application ?? false;
    this.#startedUs = channel.core.clock.nowUs();
    this.#writtenUs = this.#startedUs;
    const { clock } = channel.core;
    const again = () => {
      this.flush();
      this.#flushTimer = clock.after(FLUSH_MS, again);
    };
    this.#flushTimer = clock.after(FLUSH_MS, again);
    if (options.limitSec !== undefined && options.limitSec > 0) {
      this.#limitTimer = clock.after(clockSecondsMs(clock, options.limitSec), () => this.stop());
    }
  }

  announce(): void {
    this.#channel.fire('RECORD_START', [], [['Record-File-Path', this.path]]);
    if (this.#application) return;
    this.#channel.bugs.push({ function: 'session_record', target: this.path });
    this.#channel.fire('MEDIA_BUG_START', this.#bugHeaders());
  }

  #bugHeaders(): Header[] {
    return [
      ['Media-Bug-Function', 'session_record'],
      ['Media-Bug-Target', this.path],
    ];
  }

  get stereo(): boolean {
    return this.#stereo;
  }

  mask(on: boolean): void {
    this.flush();
    this.#masked = on;
  }

  /** Writes what was said since the last time. */
  flush(): void {
    const nowUs = this.#channel.core.clock.nowUs();
    const count = Math.floor(((nowUs - this.#startedUs) / 1e6) * SAMPLE_RATE) - this.#samples;
    if (count <= 0) return;
    const leg = this.#channel;
    const far = leg.partner;
    const answeredUs = leg.times.answered || this.#startedUs;
    const own = this.#masked || leg.held ? 0 : toneOf(leg, (this.#writtenUs - answeredUs) / 1000);
    const other =
      this.#masked || !far || far.held ? 0 : toneOf(far, (this.#writtenUs - far.times.answered) / 1000);
    this.#file.append(
      this.#stereo
        ? stereoSamples(own, other, this.#samples, count)
        : monoSamples(own, other, this.#samples, count),
    );
    this.#samples += count;
    this.#writtenUs = nowUs;
  }

  stop(): void {
    if (!this.#channel.recorders.delete(this.path)) return;
    this.end('success-maxtime');
    this.endBug();
  }

  /** RECORD_STOP. The words of the cause do not mean what they say (trace 07). */
  end(cause: 'success-maxtime' | 'success-silence'): void {
    this.#flushTimer?.cancel();
    this.#limitTimer?.cancel();
    this.flush();
    this.#file.close();
    const leg = this.#channel;
    const ms = Math.round((this.#samples / SAMPLE_RATE) * 1000);
    leg.set('record_file_size', this.#file.bytes);
    // the application gives it a second name (trace 07)
    if (this.#application) leg.set('record_record_file_size', this.#file.bytes);
    leg.set('record_samples', this.#samples);
    leg.set('record_seconds', Math.floor(ms / 1000));
    leg.set('record_ms', ms);
    if (!this.#application) leg.set('record_completion_cause', cause);
    const headers: Header[] = [['Record-File-Path', this.path]];
    if (!this.#application) headers.push(['Record-Completion-Cause', cause]);
    leg.fire('RECORD_STOP', [], headers);
  }

  endBug(): void {
    if (this.#application) return;
    const leg = this.#channel;
    const bug = leg.bugs.findIndex((b) => b.target === this.path);
    if (bug >= 0) leg.bugs.splice(bug, 1);
    leg.fire('MEDIA_BUG_STOP', this.#bugHeaders());
  }
}

/** All at once: first each RECORD_STOP, then each MEDIA_BUG_STOP. */
export function stopAllRecordings(leg: Channel, cause: 'success-maxtime' | 'success-silence'): void {
  const recorders = [...leg.recorders.values()];
  leg.recorders.clear();
  for (const recorder of recorders) recorder.end(cause);
  for (const recorder of recorders) recorder.endBug();
}

function toneOf(leg: Channel, sinceAnswerMs: number): number {
  return leg.farEnd.toneAt?.(leg, sinceAnswerMs) ?? leg.farEnd.toneHz;
}

function stereoSamples(leftHz: number, rightHz: number, first: number, count: number): Int16Array {
  const samples = new Int16Array(count * 2);
  for (let i = 0; i < count; i++) {
    samples[2 * i] = sample(leftHz, first + i);
    samples[2 * i + 1] = sample(rightHz, first + i);
  }
  return samples;
}

function monoSamples(aHz: number, bHz: number, first: number, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = sample(aHz, first + i) + sample(bHz, first + i);
  return samples;
}

function sample(hz: number, index: number): number {
  return hz === 0 ? 0 : Math.round(LEVEL * Math.sin((2 * Math.PI * hz * index) / SAMPLE_RATE));
}
