import type { Log } from '../event-socket/log.ts';
import type { SwitchListener, Undo } from './contract.ts';

/** Who listens to a node. One that throws is logged and keeps nothing from the others. */
export class Listeners {
  private readonly listeners = new Set<SwitchListener>();
  private readonly nodeId: string;
  private readonly log: Log;

  constructor(nodeId: string, log: Log) {
    this.nodeId = nodeId;
    this.log = log;
  }

  add(listener: SwitchListener): Undo {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(work: (listener: SwitchListener) => void): void {
    for (const listener of [...this.listeners]) {
      try {
        work(listener);
      } catch (error) {
        this.log.error({ err: error, node: this.nodeId }, 'a listener of the switch threw');
      }
    }
  }
}
