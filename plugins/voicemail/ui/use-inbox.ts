import { useStream } from '@jackfield/admin-ui/sdk';
import { type Ref, readonly, ref } from 'vue';

/** How many messages nobody has heard, at every moment. `changed` is told of each change after the first state. */
export function useInbox(changed: () => void = () => {}): Readonly<Ref<number>> {
  const unheard = ref(0);
  let isFirst = true;
  useStream<{ unheard: number }>('voicemail/inbox/all', {
    onSnapshot(snapshot) {
      unheard.value = snapshot.unheard;
      // A later one stands for what was missed.
      if (!isFirst) changed();
      isFirst = false;
    },
    onMessage({ data }) {
      unheard.value = (data as { unheard: number }).unheard;
      changed();
    },
  });
  return readonly(unheard);
}
