import { Emulator } from '../src/freeswitch/emulator/emulator.ts';

export type { Emulator };

/** A switch that outlives the server under test. */
export interface TestSwitch {
  readonly emulator: Emulator;
  /** For `env.FREESWITCH_URL` of `createTestApp`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The emulator in the test's own process, on a free port of loopback. */
export async function startTestSwitch(): Promise<TestSwitch> {
  const emulator = new Emulator({ password: 'switch-of-a-test' });
  await emulator.start();
  const { host, port, password } = emulator.address;
  return { emulator, url: `esl://:${password}@${host}:${port}`, stop: () => emulator.stop() };
}
