import { type MaybeRefOrGetter, onScopeDispose, shallowReactive, shallowRef, toValue } from 'vue';
import type { LocalText } from './types.ts';

/** `Alt+A`, `Ctrl+Shift+H`, `F9`: modifiers in the order Ctrl, Alt, Shift, Meta, then the key. */
export type Combo = string;

interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly metaKey: boolean;
}

const names: Record<string, string> = { ' ': 'Space', Esc: 'Escape' };

/** What was pressed, in one spelling; null for a modifier alone. */
export function comboOf(press: KeyPress): Combo | null {
  if (['Control', 'Alt', 'Shift', 'Meta', 'AltGraph', 'Dead', 'Process'].includes(press.key)) return null;
  // With Alt the key may be a special character (macOS) or an accent; the place on the keyboard tells.
  const fromCode = /^(?:Key([A-Z])|Digit(\d))$/.exec(press.code);
  const key =
    fromCode?.[1] ??
    fromCode?.[2] ??
    names[press.key] ??
    (press.key.length === 1 ? press.key.toUpperCase() : press.key);
  const held = [
    press.ctrlKey && 'Ctrl',
    press.altKey && 'Alt',
    press.shiftKey && 'Shift',
    press.metaKey && 'Meta',
  ];
  return [...held.filter(Boolean), key].join('+');
}

/** Plain letters and digits belong to whoever types; in a text field a shortcut needs Ctrl, Alt, Meta or an F key. */
export function allowedWhileTyping(combo: Combo): boolean {
  return /^(Ctrl|Alt|Meta)\+/.test(combo) || /^(.*\+)?F\d{1,2}$/.test(combo);
}

export interface ShortcutInfo {
  readonly id: string;
  readonly title: LocalText;
  readonly default: Combo;
}
interface Registration extends ShortcutInfo {
  readonly enabled: () => boolean;
  readonly run: () => void;
}

const KEY = 'jf.shortcuts';
const registrations = shallowReactive(new Set<Registration>());
const known = shallowReactive(new Map<string, ShortcutInfo>());

function readOverrides(): Readonly<Record<string, Combo>> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}
const overrides = shallowRef<Readonly<Record<string, Combo>>>(
  typeof localStorage === 'undefined' ? {} : readOverrides(),
);

export function comboFor(info: ShortcutInfo): Combo {
  return overrides.value[info.id] ?? info.default;
}

/** Host only: the user's own key; null restores the default. */
export function setShortcut(id: string, combo: Combo | null): void {
  const { [id]: _, ...rest } = overrides.value;
  overrides.value = combo === null ? rest : { ...rest, [id]: combo };
  localStorage.setItem(KEY, JSON.stringify(overrides.value));
}

/** Host only: every shortcut seen in this tab, for the settings page. */
export function knownShortcuts(): ShortcutInfo[] {
  return [...known.values()].sort((a, b) => a.id.localeCompare(b.id));
}

/** Host only: returns true when a shortcut took the key. The last registered wins, as a dialog does over its page. */
export function dispatchKey(event: KeyboardEvent): boolean {
  const combo = comboOf(event);
  if (combo === null || event.repeat || event.isComposing) return false;
  const target = event.target instanceof HTMLElement ? event.target : null;
  const typing = target?.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target?.tagName ?? '');
  if (typing && !allowedWhileTyping(combo)) return false;
  const hit = [...registrations].reverse().find((one) => comboFor(one) === combo && one.enabled());
  if (!hit) return false;
  event.preventDefault();
  hit.run();
  return true;
}

/**
 * A key for an action, while the component lives. The user can choose another on the account page.
 * `id` is `<plugin>:<action>`.
 */
export function useShortcut(
  info: ShortcutInfo,
  run: () => void,
  options: { enabled?: MaybeRefOrGetter<boolean> } = {},
): { readonly combo: () => Combo } {
  const registration: Registration = { ...info, run, enabled: () => toValue(options.enabled) ?? true };
  registrations.add(registration);
  known.set(info.id, info);
  onScopeDispose(() => registrations.delete(registration));
  return { combo: () => comboFor(info) };
}
