import type { Channel } from './channel.ts';
import { clockSecondsMs, type Timer } from './clock.ts';
import type { Header } from './event-message.ts';
import type { SwitchCore } from './switch-core.ts';

interface Task {
  readonly id: number;
  readonly description: string;
  readonly group: string;
  readonly atSec: number;
  timer: Timer;
}

/** FreeSWITCH's scheduler: whole clock seconds, tasks in groups. A channel's tasks are in the group of its uuid. */
export class Scheduler {
  readonly #core: SwitchCore;
  readonly #tasks = new Map<number, Task>();
  #nextId = 1;

  constructor(core: SwitchCore) {
    this.#core = core;
  }

  /** @param when seconds, `+N` from now or an epoch */
  add(when: string, description: string, group: string, run: () => void): number {
    const { clock } = this.#core;
    const nowSec = Math.floor(clock.nowUs() / 1e6);
    const seconds = when.startsWith('+') ? Number(when.slice(1)) : Number(when) - nowSec;
    const id = this.#nextId++;
    const task: Task = {
      id,
      description,
      group,
      atSec: nowSec + seconds,
      timer: clock.after(clockSecondsMs(clock, seconds), () => {
        this.#tasks.delete(id);
        run();
        this.#core.fire('DEL_SCHEDULE', this.#headers(task));
      }),
    };
    this.#tasks.set(id, task);
    this.#core.fire('ADD_SCHEDULE', this.#headers(task));
    return id;
  }

  /** @returns how many were deleted */
  remove(idOrGroup: string): number {
    let count = 0;
    for (const task of [...this.#tasks.values()]) {
      if (String(task.id) !== idOrGroup && task.group !== idOrGroup) continue;
      task.timer.cancel();
      this.#tasks.delete(task.id);
      count++;
    }
    return count;
  }

  stop(): void {
    for (const task of this.#tasks.values()) task.timer.cancel();
    this.#tasks.clear();
  }

  /** Deletes the tasks of a channel that is gone. */
  forget(channel: Channel): void {
    this.remove(channel.uuid);
  }

  #headers(task: Task): Header[] {
    return [
      ['Task-ID', String(task.id)],
      ['Task-Desc', task.description],
      ['Task-Group', task.group],
      ['Task-Runtime', String(task.atSec)],
    ];
  }
}
