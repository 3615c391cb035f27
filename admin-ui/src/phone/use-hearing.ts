import { onScopeDispose, type Ref, reactive, ref, watch } from 'vue';
import { api } from '../../sdk/api/index.ts';
import { soundsOf } from './captions.ts';
import type { PhoneCall } from './phone-call.ts';
import { isMuted, rememberMuted } from './remembered.ts';

/** Words of a file; null while they are fetched, '' when nobody knows them. */
type Words = string | null;

/** What the customer hears: words of the prompts as captions, and their sound where the browser plays it. */
export function useHearing(call: Ref<PhoneCall>) {
  const words = reactive(new Map<string, Words>());
  const muted = ref(isMuted());
  /** The browser plays nothing before the first click on the page. */
  const blocked = ref(false);
  let playing: AudioQueue | null = null;

  async function learn(path: string): Promise<void> {
    if (words.has(path)) return;
    words.set(path, null);
    try {
      const { text } = await api.get<{ text: string }>('telephony/prompts/text', {
        query: { path },
        quiet401: true,
      });
      words.set(path, text);
    } catch {
      // Without its words a prompt is still shown, as an announcement.
      words.set(path, '');
    }
  }

  function filesOf(path: string): string[] {
    return soundsOf(path).flatMap((sound) => (sound.kind === 'file' ? [sound.path] : []));
  }

  watch(
    () => call.value.heard,
    (heard) => {
      for (const { path } of heard) for (const file of filesOf(path)) void learn(file);
    },
    { immediate: true },
  );

  function stop(): void {
    playing?.stop();
    playing = null;
  }
  function play(): void {
    stop();
    const now = call.value.hearing ? call.value.heard.at(-1) : undefined;
    if (!now || muted.value) return;
    const urls = filesOf(now.path).map((path) => api.url('telephony/prompts/audio', { path }));
    if (urls.length > 0)
      playing = playAll(urls, () => {
        blocked.value = true;
      });
  }
  watch(
    () => [call.value.hearing, call.value.heard.length],
    () => play(),
    { immediate: true },
  );

  function setMuted(value: boolean): void {
    muted.value = value;
    blocked.value = false;
    rememberMuted(value);
    play();
  }
  onScopeDispose(stop);

  return { words, muted, blocked, setMuted };
}

interface AudioQueue {
  stop(): void;
}

/** One file after the other. What cannot be played is passed over: its words are on the screen. */
function playAll(urls: readonly string[], onBlocked: () => void): AudioQueue {
  const audio = new Audio();
  let at = 0;
  const next = () => {
    const url = urls[at];
    at += 1;
    if (url === undefined) return;
    audio.src = url;
    audio.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
    });
  };
  audio.addEventListener('ended', next);
  audio.addEventListener('error', next);
  next();
  return {
    stop() {
      at = urls.length;
      audio.pause();
      audio.removeAttribute('src');
    },
  };
}
