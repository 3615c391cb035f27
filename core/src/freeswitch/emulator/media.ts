/** What can be played, and for how long. Nothing is heard: an emulated call only needs the time it takes. */
import { separateString } from '../switch/separate-string.ts';
import { wavDurationMs } from './wav.ts';

export interface MediaLibrary {
  /** Milliseconds, Infinity for what never ends, null if there is no such file or stream. */
  durationMs(path: string): number | null;
}

export interface MediaOptions {
  /** Folder that stands for relative names (`digits/1.wav`). */
  readonly soundsDir?: string;
  /** Where a file of the switch lies on this machine. Default: where it says. */
  readonly localPath?: (path: string) => string;
  /** Length of a wav file in milliseconds, null if it is missing. Default: reads the file. */
  readonly fileDurationMs?: (path: string) => number | null;
}

/** `say` and `phrase` name files of a sound package that need not be installed here. */
const UNKNOWN_DIGIT_MS = 600;

export class FileMediaLibrary implements MediaLibrary {
  readonly #options: MediaOptions;

  constructor(options: MediaOptions = {}) {
    this.#options = options;
  }

  durationMs(path: string): number | null {
    const { params, rest } = splitParams(path);
    const length = this.#lengthMs(rest);
    const limit = params.get('timeout');
    return length === null || limit === undefined ? length : Math.min(length, Number(limit));
  }

  #lengthMs(path: string): number | null {
    const scheme = /^([a-z_]+):\/\/(.*)$/s.exec(path);
    if (!scheme) return this.#fileMs(path);
    const [, name = '', rest = ''] = scheme;
    switch (name) {
      case 'tone_stream':
        return toneMs(rest);
      case 'silence_stream':
        return silenceMs(rest);
      case 'local_stream':
        return Number.POSITIVE_INFINITY;
      case 'file_string':
        return this.#fileStringMs(rest);
      default:
        return null;
    }
  }

  /** Files one after the other; a missing one is left out, and nothing at all is "not found". */
  #fileStringMs(list: string): number | null {
    let sum = 0;
    let found = false;
    for (const part of separateString(list, '!')) {
      const ms = this.durationMs(part);
      if (ms === null) continue;
      found = true;
      sum += ms;
    }
    return found ? sum : null;
  }

  #fileMs(path: string): number | null {
    if (path === '') return null;
    const relative = !path.startsWith('/');
    const { soundsDir, localPath, fileDurationMs = wavDurationMs } = this.#options;
    if (relative && path.startsWith('digits/') && soundsDir === undefined && !fileDurationMs(path)) {
      return UNKNOWN_DIGIT_MS;
    }
    const full = relative && soundsDir !== undefined ? `${soundsDir}/${path}` : path;
    return fileDurationMs(localPath ? localPath(full) : full);
  }
}

/** `{timeout=1000}file.wav` */
function splitParams(path: string): { params: Map<string, string>; rest: string } {
  const match = /^\{([^}]*)\}(.*)$/s.exec(path);
  const params = new Map<string, string>();
  if (!match) return { params, rest: path };
  for (const pair of (match[1] ?? '').split(',')) {
    const [name = '', value = ''] = pair.split('=');
    params.set(name, value);
  }
  return { params, rest: match[2] ?? '' };
}

/** `%(200,100,450);loops=3`: on, off, frequencies. `loops=-1` never ends. */
export function toneMs(spec: string): number {
  let loops = 1;
  let sum = 0;
  for (const part of spec.split(';')) {
    const option = /^(?:loops|L)=(-?\d+)$/.exec(part.trim());
    if (option) loops = Number(option[1]);
    for (const tone of part.matchAll(/%\((\d+),(\d+),[^)]*\)/g)) sum += Number(tone[1]) + Number(tone[2]);
  }
  return loops < 0 ? Number.POSITIVE_INFINITY : sum * Math.max(1, loops);
}

function silenceMs(spec: string): number {
  const ms = Number(spec.split(',')[0]);
  return Number.isFinite(ms) && ms > 0 ? ms : Number.POSITIVE_INFINITY;
}
