import type { Leniency } from './compare.ts';
import type { TracedEvent } from './trace-timeline.ts';

/**
 * What may differ from the real FreeSWITCH, with the reason. Nothing else may.
 */
const common: Leniency = {
  ignoredReplies: [
    // up-time and sessions are each process's own
    /FreeSWITCH \(Version/,
  ],
  // a registration's own
  ignoredFields: { show: ['token'] },
  optional: isPassingState,
};

/** The second leg may or may not be seen in CS_CONSUME_MEDIA on its way into a bridge (trace 04 A against 06). */
function isPassingState(event: TracedEvent): boolean {
  return (
    event.name === 'CHANNEL_STATE' &&
    event.fields.get('Channel-State') === 'CS_CONSUME_MEDIA' &&
    event.fields.get('Answer-State') === 'answered'
  );
}

/** Everything that is allowed, each with the leniency that would be left without it. */
export function eachWithout(all: Leniency): readonly (readonly [name: string, rest: Leniency])[] {
  const lists = [
    'ignoredEvents',
    'allowedMissing',
    'allowedExtra',
    'ignoredReplies',
    'cleaned',
    'unordered',
    'trailing',
  ] as const;
  const fields = Object.entries(all.ignoredFields ?? {});
  return [
    ...lists.flatMap((key) =>
      (all[key] ?? []).map(
        (item, index) =>
          [`${key} ${String(item)}`, { ...all, [key]: all[key]?.toSpliced(index, 1) }] as const,
      ),
    ),
    ...fields.flatMap(([event, names]) =>
      names.map((name, index) => {
        const rest = { ...all.ignoredFields, [event]: names.toSpliced(index, 1) };
        return [`ignoredFields ${event} ${name}`, { ...all, ignoredFields: rest }] as const;
      }),
    ),
    ['optional', { ...all, optional: () => false }],
  ];
}

export function leniency(more: Leniency = {}): Leniency {
  return {
    ...common,
    ...more,
    ignoredFields: { ...common.ignoredFields, ...more.ignoredFields },
    optional: (event) => isPassingState(event) || (more.optional?.(event) ?? false),
    ignoredEvents: [...(common.ignoredEvents ?? []), ...(more.ignoredEvents ?? [])],
    allowedMissing: [...(common.allowedMissing ?? []), ...(more.allowedMissing ?? [])],
    allowedExtra: [...(common.allowedExtra ?? []), ...(more.allowedExtra ?? [])],
    ignoredReplies: [...(common.ignoredReplies ?? []), ...(more.ignoredReplies ?? [])],
    unordered: [...(common.unordered ?? []), ...(more.unordered ?? [])],
  };
}
