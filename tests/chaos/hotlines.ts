import type { AgentCall, CustomerCall } from './phones.ts';
import type { Agent, World } from './world.ts';

/** How far a time in a record may be from the switch's own, in milliseconds. */
export const NEAR_MS = 100;

/** What the customers of a list of scenarios dial, and who is there to answer. */
export interface Hotlines {
  /** Leads to the phone of the first of the agents. */
  readonly desk: string;
  readonly queue: string;
  /** Its only key leads into the queue. */
  readonly menu: string;
  /** The customer of this number talks with the first of the agents at his phone, and the server knows it. */
  talk(from: string): Promise<{ readonly caller: CustomerCall; readonly desk: AgentCall }>;
  /** He waits in the queue and hears its music, and the server knows it. */
  wait(from: string): Promise<CustomerCall>;
  /** After each scenario: nothing is left of its calls, and nobody is signed in. */
  clear(): Promise<void>;
}

export async function openHotlines(
  world: World,
  name: string,
  agents: readonly [Agent, ...Agent[]],
): Promise<Hotlines> {
  const [first] = agents;
  const queueId = await world.queue(name, agents);
  const flowId = await world.menu(name, queueId);
  const desk = await world.number('4008009001', 'extension', { number: first.number });
  const queue = await world.number('4008009002', 'queue', { queueId });
  const menu = await world.number('4008009003', 'ivr', { flowId });
  return {
    desk,
    queue,
    menu,
    async talk(from) {
      const caller = await world.switch.dial(desk, from);
      const call = await first.phone.rings();
      await call.answer();
      await world.untilStored(from, 'talking', ({ legs }) => legs[0]?.talksWith === call.uuid);
      return { caller, desk: call };
    },
    async wait(from) {
      const caller = await world.switch.dial(queue, from);
      await world.untilStored(from, 'waiting', ({ position }) => position.ref?.kind === 'queue');
      await world.switch.watch.event('PLAYBACK_START', caller.uuid);
      return caller;
    },
    async clear() {
      try {
        await world.settled();
      } finally {
        // What one scenario left behind is its own failure, and not that of those behind it.
        await world.switch.watch.api('hupall');
        for (const agent of agents) await agent.presence('signed-out');
      }
    },
  };
}
