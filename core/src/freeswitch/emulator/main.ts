/**
 * The emulator as a process of its own, so that calls outlive the server:
 * `node dist/src/freeswitch/emulator/main.js --port 8021 --password ClueCon [--host 127.0.0.1] [--domain acme.test]`
 * With `--port 0` a free port is taken. Prints one line of JSON with the port when it is ready.
 */
import { parseArgs } from 'node:util';
import { Emulator } from './emulator.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8021' },
    password: { type: 'string' },
    domain: { type: 'string' },
    'tick-ms': { type: 'string', default: '20' },
    'heartbeat-sec': { type: 'string', default: '20' },
  },
});

const password = values.password ?? process.env.EMULATOR_PASSWORD;
if (!password) {
  process.stderr.write('A password is needed: --password, or EMULATOR_PASSWORD in the environment.\n');
  process.exitCode = 2;
} else {
  const emulator = new Emulator({
    host: values.host,
    port: Number(values.port),
    password,
    tickMs: Number(values['tick-ms']),
    heartbeatSec: Number(values['heartbeat-sec']),
    ...(values.domain === undefined ? {} : { domain: values.domain }),
    onShutdown: () => process.exit(0),
  });
  try {
    await emulator.start();
    process.stdout.write(`${JSON.stringify({ listening: emulator.port, coreUuid: emulator.coreUuid })}\n`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void emulator.stop().then(() => process.exit(0)));
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
