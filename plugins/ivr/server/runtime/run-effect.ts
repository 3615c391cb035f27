import { type Call, type Clock, JackfieldError } from '@jackfield/core/sdk';
import type { NodeAction, NodeInput, NodeType } from '../../contract.ts';
import { own } from '../interpreter/step.ts';

export const EFFECT_TIMEOUT_MS = 10_000;

/**
 * Runs what a node asks for, in the call's scope. Whatever it does wrong becomes the input `failed`; only the
 * caller's hang-up is thrown, as CALL_ENDED, at once and not when the effect comes back.
 */
export async function runEffect(
  call: Call,
  { name, args }: Extract<NodeAction, { type: 'effect' }>,
  type: NodeType | undefined,
  clock: Clock,
): Promise<NodeInput> {
  const effect = own(type?.effects ?? {}, name);
  if (!effect) return { type: 'failed', reason: `The node type has no effect "${name}".` };
  const settled = new AbortController();
  const late = clock.sleep(EFFECT_TIMEOUT_MS, settled.signal).then(
    (): NodeInput => ({ type: 'failed', reason: `No answer within ${EFFECT_TIMEOUT_MS / 1000} s.` }),
    () => null,
  );
  const gone = new Promise<null>((resolve) => {
    if (call.signal.aborted) resolve(null);
    call.signal.addEventListener('abort', () => resolve(null), { signal: settled.signal });
  });
  const work = call.run(async (): Promise<NodeInput> => {
    try {
      return { type: 'done', result: await effect(args, call) };
    } catch (error) {
      return { type: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  });
  try {
    const input = await Promise.race([work, late, gone]);
    if (input === null || call.signal.aborted) throw new JackfieldError('CALL_ENDED');
    return input;
  } finally {
    settled.abort();
  }
}
