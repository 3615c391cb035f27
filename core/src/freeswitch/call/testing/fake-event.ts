import type { SwitchEvent } from '../../event-socket/switch-event.ts';

/** An event of the switch with just these headers, for tests that need no wire. `at` is in milliseconds. */
export function fakeEvent(
  name: string,
  uuid: string,
  headers: Readonly<Record<string, string>>,
  at = 0,
): SwitchEvent {
  const all: Record<string, string> = { 'Event-Name': name, 'Unique-ID': uuid, ...headers };
  return {
    name,
    subclass: all['Event-Subclass'] ?? null,
    uuid,
    get: (header) => all[header] ?? null,
    variable: (variable) => all[`variable_${variable}`] ?? null,
    getAll: (header) => (all[header] === undefined ? [] : [all[header]]),
    body: null,
    timestamp: at,
    toObject: () => ({ ...all }),
  };
}
