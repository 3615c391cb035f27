import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../../test-kit/call-bench.ts';
import { until } from '../../../test-kit/until.ts';
import { systemClock } from '../../boot/clock.ts';
import { Emulator } from '../emulator/emulator.ts';
import { FreeswitchNode } from '../switch/freeswitch-node.ts';
import { type CallService, createCallService } from './plugin-calls.ts';

describe('a call that is placed before the switch is there', () => {
  const emulator = new Emulator({ password: 'test', tickMs: 0 });
  const store = memoryStore();
  let node: FreeswitchNode;
  let service: CallService;
  beforeEach(async () => {
    await emulator.start();
    node = new FreeswitchNode({ nodeId: 'n1', address: emulator.address });
    service = createCallService({
      node,
      store,
      clock: systemClock,
      log: pino({ level: 'silent' }),
      recordingDir: '/tmp',
      browserPhonePath: null,
      activePlugins: () => new Set(['owner']),
      isActive: () => true,
      onError: (_plugin, _point, error) => {
        throw error;
      },
    });
    await service.start();
  });
  afterEach(async () => {
    await service.stop();
    await node.stop();
    await emulator.stop();
  });

  it('is handed to its owner again once, when the switch has come', async () => {
    const calls = service.forPlugin('owner', () => undefined);
    const resumed: string[] = [];
    calls.onResume(async (call) => void resumed.push(call.id));
    const dialled: unknown[] = [];
    const placed = await calls.place(
      {
        tenantId: 't1',
        direction: 'outbound',
        from: { number: '1001', name: '' },
        to: '13800138000',
        position: {},
      },
      async (call) => {
        try {
          await call.dial({
            endpoint: 'user/1001@acme.test',
            role: 'agent',
            number: '1001',
            callerId: { number: '1' },
            timeoutSec: 5,
          });
        } catch (error) {
          dialled.push(error);
          throw error;
        }
      },
    );
    await until('dialling has failed', () => dialled.length > 0);
    expect(dialled).toMatchObject([{ code: 'SWITCH_UNREACHABLE' }]);
    node.start();
    await until('the call is closed', () => store.rows.size === 0);
    await node.api('echo');
    expect(resumed).toEqual([placed.id]);
    expect(placed.endedAt).not.toBeNull();
  });
});
