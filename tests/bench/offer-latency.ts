/**
 * From an agent who becomes free to his phone that rings, on the built server with all its plugins and the emulator
 * beside it: 50 agents who talk, 50 callers who wait. One agent hangs up; what is measured lies between two events of
 * the switch, the end of his leg and the INVITE to his phone, so it holds the event socket both ways, the call's end,
 * its record, the decision and the origination.
 */
import { emulatorSwitch } from '../chaos/emulator-switch.ts';
import type { AgentCall, AgentPhone, CustomerCall } from '../chaos/phones.ts';
import { World } from '../chaos/world.ts';
import { percentile, tell } from './bench.ts';

const CROWD = 50;
const RUNS = 5;
const OFFERS = 40;
const NUMBER = '4008009900';

interface Desk {
  readonly number: string;
  readonly phone: AgentPhone;
  talk: AgentCall | null;
}

const world = await World.begin(await emulatorSwitch());
try {
  const { watch } = world.switch;
  const desks = await staff();
  let dialled = 0;
  const dial = (): Promise<CustomerCall> =>
    world.switch.dial(NUMBER, `1380${String(10_000_000 + dialled++)}`);

  for (let i = 0; i < CROWD; i++) await dial();
  for (const desk of desks) await take(desk);
  for (let i = 0; i < CROWD; i++) await dial();
  await watch.until(() => started() >= dialled, 'everybody to wait', 60_000);

  await run(); // warm-up
  const runs: number[][] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await run());
  for (const p of [50, 95, 99]) {
    tell({
      what: `agent free → phone rings, ${CROWD} waiting, ${CROWD} agents, whole server, p${p} of ${OFFERS}`,
      unit: 'ms',
      runs: runs.map((values) => percentile(values, p)),
      // domain.md §2.1: it looks once in 100 ms
      peer: { name: "mod_callcenter's mean dispatch pause", runs: [50] },
    });
  }

  /** Forty more agents than the demo has, each with a phone, all in one queue and signed in. */
  async function staff(): Promise<Desk[]> {
    const admin = await world.as('admin@acme');
    const { items: roles } = await admin.get<{ items: { id: string; key: string | null }[] }>(
      '/api/core/roles',
    );
    const roleId = roles.find(({ key }) => key === 'agent')?.id;
    const members: { userId: string; level: number }[] = [];
    const made: Desk[] = [];
    for (let i = 0; i < CROWD; i++) {
      const username = `bench${i}`;
      const { id } = await admin.send<{ id: string }>('POST', '/api/core/users', {
        username,
        name: username,
        password: `Bench-${i}-password-1a`,
        roleId,
      });
      const { number, domain, password } = await admin.send<{
        number: string;
        domain: string;
        password: string;
      }>('POST', '/api/telephony/extensions', { number: String(5_000 + i), userId: id });
      made.push({ number, phone: await world.switch.register({ number, domain, password }), talk: null });
      members.push({ userId: id, level: 5 });
    }
    const queueId = await world.queue('Bench', []);
    await admin.send('PUT', `/api/acd/queues/${queueId}/members`, { members });
    await world.number(NUMBER, 'queue', { queueId });
    for (const { userId } of members) {
      await admin.send('PUT', `/api/acd/agents/${userId}/presence`, { presence: 'available' });
    }
    return made;
  }

  async function take(desk: Desk): Promise<void> {
    desk.talk = await desk.phone.rings(60_000);
    await desk.talk.answer();
    await watch.until(
      () =>
        watch.events.some(
          (event) =>
            event.name === 'CHANNEL_BRIDGE' &&
            [event.get('Bridge-A-Unique-ID'), event.get('Bridge-B-Unique-ID')].includes(
              desk.talk?.uuid ?? '',
            ),
        ),
      `a talk at ${desk.number}`,
    );
  }

  /** Callers who hear the music of the queue. */
  function started(): number {
    return new Set(
      watch.events.flatMap((event) => (event.name === 'PLAYBACK_START' && event.uuid ? [event.uuid] : [])),
    ).size;
  }

  /** Milliseconds of each offer. */
  async function run(): Promise<number[]> {
    const values: number[] = [];
    for (let i = 0; i < OFFERS; i++) {
      const desk = desks[i % desks.length] as Desk;
      const uuid = desk.talk?.uuid ?? '';
      await desk.talk?.hangup();
      const ended = await watch.event('CHANNEL_HANGUP_COMPLETE', uuid);
      await take(desk);
      const rung = await watch.event('CHANNEL_CREATE', desk.talk?.uuid ?? '');
      values.push(watch.arrivedAt(rung) - watch.arrivedAt(ended));
      const waiting = started();
      await dial();
      await watch.until(() => started() > waiting, 'the next caller to wait');
    }
    return values;
  }
} finally {
  await world.stop();
}
