import type { Channel } from './channel.ts';
import { execute } from './execute.ts';
import { expand } from './expand.ts';

/** `execute_on_answer`, `execute_on_answer_1`, …: `app arg` runs now, `app::arg` is queued for the thread. */
export function executeOn(channel: Channel, variable: string): void {
  for (const [name, value] of [...channel.variables]) {
    if (name !== variable && !name.startsWith(`${variable}_`)) continue;
    const queued = value.indexOf('::');
    const space = value.indexOf(' ');
    if (queued > 0 && (space < 0 || queued < space)) {
      channel.queueApp(value.slice(0, queued), value.slice(queued + 2));
    } else {
      void execute(
        channel,
        space < 0 ? value : value.slice(0, space),
        space < 0 ? '' : value.slice(space + 1),
      );
    }
  }
}

/** `api_on_answer` and its numbered companions, `api_hangup_hook`, `api_reporting_hook`. */
export function apiOn(channel: Channel, variable: string, numbered = true): void {
  for (const [name, value] of [...channel.variables]) {
    if (name !== variable && !(numbered && name.startsWith(`${variable}_`))) continue;
    const line = expand(channel.core, channel, value);
    const space = line.indexOf(' ');
    const command = space < 0 ? line : line.slice(0, space);
    void channel.core.apis.run(command, space < 0 ? '' : line.slice(space + 1), { channel });
  }
}
