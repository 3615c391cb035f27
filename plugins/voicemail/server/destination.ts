import { type Call, JackfieldError, type Locale, type PluginContext, z } from '@jackfield/core/sdk';
import type { Destination, DestinationRun, TelephonyApi } from '@jackfield/plugin-telephony/contract';
import { BoxEntity, LOCALES } from './box.entity.ts';
import type { Messages } from './messages.ts';
import { endRecording, isEnded, takeMessage } from './take-message.ts';

const BoxTarget = z.object({ boxId: z.string().min(1).max(26) });

/** A rather high tone of half a second. */
const BEEP = 'tone_stream://%(500,0,1000)';
/** One round; it is repeated. */
const SILENCE_MS = 20_000;

/** Where a caller is; what he hears to the end is fixed when he enters, whatever becomes of the box. */
const Position = z.object({
  stage: z.enum(['greeting', 'speaking', 'ending']),
  locale: z.enum(LOCALES),
  maxSeconds: z.number(),
});
type Position = z.output<typeof Position>;

type Run = Pick<DestinationRun, 'save'>;

/** The destination `voicemail`: greeting, beep, the caller speaks, thanks, end. */
export function voicemailDestination(
  ctx: PluginContext,
  deps: { readonly telephony: Pick<TelephonyApi, 'prompt'>; readonly messages: Messages },
): Destination<typeof BoxTarget> {
  const { telephony, messages } = deps;
  const boxes = ctx.repo(BoxEntity);
  const spoken = (key: string, locale: Locale) => ctx.i18n.t(`spoken.${key}`, {}, locale);

  /** A prompt that cannot be had must not keep a caller from his message: the record says so, and the call goes on. */
  async function say(call: Call, text: string, locale: Locale): Promise<void> {
    try {
      await play(call, await telephony.prompt([{ kind: 'text', text, locale }]));
    } catch (error) {
      if (call.signal.aborted || isEnded(error) || isAway(error)) throw error;
      call.note('voicemail.prompt-missing', { reason: error instanceof Error ? error.message : 'unknown' });
    }
  }

  /** Null when there is no such box that takes messages. */
  async function greet(call: Call, boxId: string, run: Run): Promise<Position | null> {
    const box = await boxes.findOne({ id: boxId });
    const locale = box?.locale ?? (await ctx.directory.tenant()).locale;
    const position: Position = { stage: 'greeting', locale, maxSeconds: box?.maxSeconds ?? 0 };
    await run.save(position);
    await call.answer();
    if (!box?.enabled) {
      call.note('voicemail.closed', { name: box?.name ?? '' });
      await say(call, spoken('closed', locale), locale);
      return null;
    }
    call.note('voicemail.entered', { boxId, name: box.name });
    await say(call, box.greeting || spoken('greeting', locale), locale);
    await play(call, [BEEP]);
    await messages.begin(call, box);
    return { ...position, stage: 'speaking' };
  }

  /** True when there is a message. */
  async function speak(call: Call, at: Position, isResumed: boolean, run: Run): Promise<boolean> {
    const row = await messages.ofCall(call.id);
    // Taken up when its end had been worked off already: too short, and gone.
    if (!row) return false;
    const isKept = onlyOnce(() => call.note('outcome', { outcome: 'voicemail-left' }));
    const over = () => run.save({ ...at, stage: 'ending' });
    let isThere: boolean;
    if (at.stage === 'ending') {
      await endRecording(call, row);
      isThere = (await messages.finish(row.id, true)) !== 'none';
    } else {
      if (!isResumed) await run.save(at);
      const silence = await telephony.prompt([{ kind: 'tone', tone: 'silence', ms: SILENCE_MS }]);
      const maxMs = at.maxSeconds * 1_000;
      isThere = await takeMessage(ctx, messages, call, { row, maxMs, isResumed, silence, isKept, over });
    }
    // What is noted of a call that is over comes too late for its record.
    if (call.signal.aborted) throw new JackfieldError('CALL_ENDED');
    if (isThere) isKept();
    else call.note('outcome', { outcome: 'abandoned' });
    return isThere;
  }

  return {
    kind: 'voicemail',
    title: { 'zh-CN': '语音信箱', en: 'Voicemail' },
    target: BoxTarget,
    async options() {
      const rows = await boxes.find({ enabled: true }, { orderBy: { name: 'asc' } });
      return rows.map(({ id, name }) => ({ target: { boxId: id }, label: name }));
    },
    async run(call, { boxId }, run) {
      const stored = Position.safeParse(run.state).data;
      const isResumed = stored !== undefined && stored.stage !== 'greeting';
      const at = isResumed ? stored : await greet(call, boxId, run);
      if (at) {
        const isThere = await speak(call, at, isResumed, run);
        await say(call, spoken(isThere ? 'thanks' : 'nothing', at.locale), at.locale);
      }
      return { end: 'NORMAL_CLEARING' };
    },
  };
}

/** Throws CALL_ENDED when the caller hung up. */
async function play(call: Call, paths: readonly string[]): Promise<void> {
  const { outcome } = await call.play(paths);
  // Of this leg: the switch tells of its end only after that of the playback.
  if (outcome === 'hangup')
    throw new JackfieldError('CALL_ENDED', undefined, { details: { uuid: call.caller.id } });
  if (outcome === 'missing') call.note('voicemail.prompt-missing', { reason: 'a file is not there' });
}

function onlyOnce(fn: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) fn();
    isDone = true;
  };
}

function isAway(error: unknown): boolean {
  return (
    JackfieldError.is(error) && (error.code === 'SWITCH_UNREACHABLE' || error.code === 'SWITCH_OVERLOAD')
  );
}
