import { onScopeDispose, type Ref, readonly, ref } from 'vue';
import { serverNow } from './clock.ts';

const now = ref(serverNow());
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The server's time, renewed each second; one timer for the whole tab, and none while nobody looks. */
export function useNow(): Readonly<Ref<number>> {
  users += 1;
  now.value = serverNow();
  timer ??= setInterval(() => {
    now.value = serverNow();
  }, 1_000);
  onScopeDispose(() => {
    users -= 1;
    if (users === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  });
  return readonly(now);
}
