import { type Call, type Hook, maskNumber, type PluginContext } from '@jackfield/core/sdk';
import type { NumberRow } from '../entities/number.entity.ts';
import type { Extensions } from '../extensions/extensions.ts';
import type { Numbers } from '../numbers/numbers.ts';
import { type CallFlow, callEnd, entering, type FlowPosition, flowPosition } from './call-flow.ts';
import type { RecordKeeper } from './record-keeper.ts';

export interface CallHandlers {
  /** A call that came in: of a customer, or from the phone of an agent. */
  inbound(call: Call): Promise<void>;
  /** A call that was going on when the server stopped, or that ended meanwhile. */
  resume(call: Call): Promise<void>;
  /** Leads a call whose tenant and record are there to its end, and closes the record. */
  lead(call: Call, from: FlowPosition): Promise<void>;
  /** Waits for the end of the call and closes its record. */
  finish(call: Call): Promise<void>;
}

export function createCallHandlers(deps: {
  readonly ctx: PluginContext;
  readonly numbers: Numbers;
  readonly extensions: Extensions;
  readonly flow: CallFlow;
  readonly keeper: RecordKeeper;
  readonly beforeRoute: Hook<'call:before-route'>;
}): CallHandlers {
  const { ctx, numbers, extensions, flow, keeper, beforeRoute } = deps;

  async function finish(call: Call): Promise<void> {
    await callEnd(call);
    await keeper.close(call);
  }

  async function lead(call: Call, from: FlowPosition): Promise<void> {
    await flow.drive(call, from);
    await finish(call);
  }

  async function refuse(call: Call, why: string): Promise<void> {
    ctx.log.info({ callId: call.id, to: maskNumber(call.to) }, why);
    await call.hangup('UNALLOCATED_NUMBER');
    await callEnd(call);
  }

  async function route(call: Call, number: NumberRow): Promise<void> {
    const record = await keeper.open(call, { number, direction: 'inbound' });
    if (call.endedAt !== null) return await keeper.close(call);
    const decided = await beforeRoute.run({
      callId: call.id,
      from: record.fromNumber,
      to: number.number,
      vip: number.vip,
      destination: number.destination,
    });
    await lead(call, entering(decided ?? number.destination));
  }

  async function fromCustomer(call: Call): Promise<void> {
    const number = await numbers.lookup(call.to);
    if (!number?.enabled) return await refuse(call, 'a call to a number that nobody has');
    await call.assign(number.tenantId);
    if (!call.isActive(ctx.id)) return await refuse(call, 'a call to a tenant without telephony');
    await call.run(() => route(call, number));
  }

  async function fromPhone(call: Call): Promise<void> {
    const user = call.variable('user_name') ?? '';
    const extension = await extensions.byPhone(user, call.variable('domain_name') ?? '');
    if (!extension) return await refuse(call, 'a call from a phone that nobody has');
    await call.assign(extension.tenantId);
    if (!call.isActive(ctx.id)) return await refuse(call, 'a call in a tenant without telephony');
    await call.run(async () => {
      const position = entering({ kind: 'outbound', target: { userId: extension.userId, number: call.to } });
      await call.savePosition({ ...position });
      const colleague = await extensions.byNumber(call.to);
      await keeper.open(call, { number: null, direction: colleague ? 'internal' : 'outbound' });
      if (!(await mayCall(extension.userId))) {
        call.note('outcome', { outcome: 'rejected' });
        await call.hangup('CALL_REJECTED');
        return await finish(call);
      }
      await lead(call, position);
    });
  }

  async function mayCall(userId: string | null): Promise<boolean> {
    if (userId === null) return true;
    const { disabled, permissions } = await ctx.directory.user(userId);
    return !disabled && permissions.has('telephony:call');
  }

  const inbound = (call: Call) => (call.direction === 'internal' ? fromPhone(call) : fromCustomer(call));

  return {
    inbound,
    lead,
    finish,
    async resume(call) {
      if (call.tenantId === null) {
        // Ended before anybody knew whose it was: nobody has a record of it.
        if (call.endedAt === null) await inbound(call);
        return;
      }
      await call.run(async () => {
        const position = flowPosition(call);
        await keeper.open(call, { number: await numberOf(call), direction: call.direction });
        if (call.endedAt !== null) return await keeper.close(call);
        // Our own leg never came to be, or rang: who dialled has to dial again.
        if (call.direction !== 'inbound' && call.legs[0]?.state !== 'answered' && isPlaced(call)) {
          await call.hangup('ORIGINATOR_CANCEL');
          return;
        }
        call.note('resumed-after-restart', {});
        if (position) return await lead(call, position);
        const number = await numberOf(call);
        if (number) return await route(call, number);
        // Cut off before its way was stored, and what the switch said of its phone or number is gone.
        await call.hangup('NORMAL_TEMPORARY_FAILURE');
        await finish(call);
      });
    },
  };

  async function numberOf(call: Call): Promise<NumberRow | null> {
    return call.direction === 'inbound' ? await numbers.lookup(call.to) : null;
  }
}

/** Begun by us: its first leg was dialled, and did not come in. */
function isPlaced(call: Call): boolean {
  return call.legs[0]?.role !== 'caller';
}
