import { eventually } from '../freeswitch/harness/changes.ts';
import { type EmulatorProcess, startEmulatorProcess } from '../support/emulator-process.ts';
import type { AgentPhone, CustomerCall, PhoneCall, SwitchUnderTest } from './phones.ts';
import { SwitchWatch } from './switch-watch.ts';

/** The emulator in a process of its own; its virtual phones are driven over the event socket. */
export async function emulatorSwitch(
  port = 0,
): Promise<SwitchUnderTest & { readonly process: EmulatorProcess }> {
  const emulator = await startEmulatorProcess(port);
  const address = { host: '127.0.0.1', port: emulator.port, password: emulator.password };
  const watch = await SwitchWatch.on(address);
  const phone = async (command: string): Promise<string> => {
    const reply = await watch.api(`jackfield phone ${command}`);
    if (reply.startsWith('-')) throw new Error(`${command}: ${reply}`);
    return reply;
  };
  const call = (uuid: string): PhoneCall => ({
    uuid,
    hangup: async () => void (await phone(`hangup ${uuid}`)),
  });
  const legsOf = async (number: string, domain: string): Promise<readonly string[]> => {
    const all = JSON.parse(await phone('list')) as { user: string; domain: string; calls: string[] }[];
    return all.find((one) => one.user === number && one.domain === domain)?.calls ?? [];
  };
  return {
    process: emulator,
    address,
    env: {},
    watch,
    serverIsUp: async () => undefined,
    async dial(to, from): Promise<CustomerCall> {
      const uuid = (await phone(`dial ${to} ${from}`)).replace('+OK ', '');
      return { ...call(uuid), press: async (keys) => void (await phone(`digits ${uuid} ${keys}`)) };
    },
    async register({ number, domain }): Promise<AgentPhone> {
      await phone(`register ${number} ${domain}`);
      const seen = new Set<string>();
      return {
        async rings(timeoutMs) {
          const uuid = await eventually(
            async () => (await legsOf(number, domain)).find((leg) => !seen.has(leg)),
            `phone ${number} to ring`,
            timeoutMs,
          );
          seen.add(uuid);
          return { ...call(uuid), answer: async () => void (await phone(`answer ${uuid}`)) };
        },
        isIdle: async () => (await legsOf(number, domain)).length === 0,
      };
    },
    async stop() {
      watch.close();
      await emulator.stop();
    },
  };
}
