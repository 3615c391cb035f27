import { isDeepStrictEqual } from 'node:util';
import type { PluginAudit } from '../audit/contract.ts';
import type { Clock } from '../boot/clock.ts';
import type { PluginData } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import type { LocalText } from '../i18n/contract.ts';
import { toLocale } from '../i18n/locale.ts';
import { scope } from '../tenants/scope.ts';
import type { PluginSettings } from './contract.ts';
import {
  type CompiledSetting,
  checkNeeds,
  checkSetting,
  compileSettings,
  type SettingDefinition,
} from './definitions.ts';
import type { SecretBox } from './secret-box.ts';
import { Setting, type SettingRow } from './setting.entity.ts';

/** How often a process looks for what others have changed. */
const pollMs = 5_000;
/** Clocks of the processes may differ by so much. */
const skewMs = 60_000;

export interface SettingView {
  readonly key: string;
  readonly title: LocalText;
  readonly description?: LocalText | undefined;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly level: 'system' | 'tenant';
  readonly secret: boolean;
  /** What holds now; null for a secret. */
  readonly value: unknown;
  readonly default: unknown;
  /** Whether it was set at the level of whoever asks. */
  readonly isSet: boolean;
  /** Whether whoever asks may set it. */
  readonly editable: boolean;
}
export interface Settings {
  /** Before `settingsFor` can answer; PLUGIN_INVALID. The undo forgets the definitions, not the values. */
  register(pluginId: string, definitions: readonly SettingDefinition[]): () => void;
  settingsFor(pluginId: string): PluginSettings;
  /** Reads all values; once, before the first `get`. */
  load(): Promise<void>;
  /** Reads what others have changed since and tells the listeners. `start` does so every five seconds. */
  refresh(): Promise<void>;
  start(): () => void;
  /** Plugins that declare settings. */
  plugins(): readonly string[];
  /** As the tenant of the scope sees them, or the operator. NOT_FOUND when the plugin has none. */
  view(pluginId: string): SettingView[];
  /** All or none; null takes a value back. VALIDATION_FAILED, FORBIDDEN for the operator's settings. */
  change(pluginId: string, values: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface SettingsDependencies {
  readonly data: PluginData;
  readonly clock: Clock;
  readonly secrets: SecretBox;
  readonly audit: PluginAudit;
  /** Told of failed refreshes, and of listeners that throw. */
  readonly onError: (error: unknown) => void;
}
type Change = { readonly key: string; readonly tenantId: string | null };

export function createSettings({ data, clock, secrets, audit, onError }: SettingsDependencies): Settings {
  const repo = () => data.repo(Setting);
  const definitions = new Map<string, ReadonlyMap<string, CompiledSetting>>();
  const listeners = new Map<string, Set<(change: Change) => void>>();
  /** By slot, as stored. */
  const stored = new Map<string, SettingRow>();
  /** By slot, parsed; filled as it is asked for. */
  const parsed = new Map<string, unknown>();
  let readUntil = 0;

  const slotOf = (pluginId: string, tenantId: string | null, key: string) =>
    `${pluginId}/${tenantId ?? ''}/${key}`;

  function known(pluginId: string, key: string): CompiledSetting {
    const found = definitions.get(pluginId)?.get(key);
    if (found) return found;
    throw new JackfieldError('NOT_FOUND', `Plugin ${pluginId} declares no setting ${key}.`, {
      details: { key },
    });
  }

  /** `undefined` when nobody has set it there. */
  function valueAt(pluginId: string, tenantId: string | null, setting: CompiledSetting): unknown {
    const slot = slotOf(pluginId, tenantId, setting.definition.key);
    if (parsed.has(slot)) return parsed.get(slot);
    const text = stored.get(slot)?.value;
    if (text === null || text === undefined) return undefined;
    const value: unknown = JSON.parse(setting.definition.secret ? secrets.open(text, slot) : text);
    parsed.set(slot, value);
    return value;
  }

  function current(pluginId: string, setting: CompiledSetting): unknown {
    const level = setting.definition.level === 'system' ? null : (scope.current()?.tenantId ?? null);
    return valueAt(pluginId, level, setting) ?? inherited(pluginId, setting, level);
  }

  /** What holds at a level where nobody has set it. */
  function inherited(pluginId: string, setting: CompiledSetting, tenantId: string | null): unknown {
    const above = tenantId === null ? undefined : valueAt(pluginId, null, setting);
    return above ?? setting.definition.default ?? null;
  }

  function mayEdit(setting: CompiledSetting, tenantId: string | null): boolean {
    return tenantId === null || setting.definition.level === 'tenant';
  }

  /** Takes over a row and tells the listeners when it says something new. */
  function accept(row: SettingRow): void {
    const former = stored.get(row.slot);
    // A refresh that read before our own write must not undo it.
    if (former && former.updatedAt > row.updatedAt) return;
    stored.set(row.slot, row);
    parsed.delete(row.slot);
    if ((former?.value ?? null) === row.value) return;
    for (const listener of listeners.get(row.pluginId) ?? []) {
      try {
        listener({ key: row.key, tenantId: row.tenantId });
      } catch (error) {
        onError(error);
      }
    }
  }

  async function write(
    pluginId: string,
    tenantId: string | null,
    key: string,
    value: unknown,
  ): Promise<SettingRow> {
    const slot = slotOf(pluginId, tenantId, key);
    const json = value === null ? null : JSON.stringify(value);
    const text = json !== null && known(pluginId, key).definition.secret ? secrets.seal(json, slot) : json;
    const row = await repo().findOne({ slot });
    if (row) return repo().update(row.id, { value: text });
    return repo().insert({ slot, pluginId, tenantId, key, value: text });
  }

  async function change(pluginId: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    const tenantId = scope.current()?.tenantId ?? null;
    const locale = toLocale(scope.current()?.locale) ?? 'en';
    const entries = Object.entries(values).map(([key, value]) => ({
      key,
      value: value ?? null,
      setting: known(pluginId, key),
    }));
    for (const { value, setting } of entries) {
      if (!mayEdit(setting, tenantId)) {
        throw new JackfieldError('FORBIDDEN', undefined, { details: { setting: setting.definition.key } });
      }
      if (value !== null) checkSetting(setting, value, locale);
    }
    const given = new Map(entries.map(({ key, value }) => [key, value]));
    const after = (key: string) => {
      const setting = known(pluginId, key);
      return given.has(key)
        ? (given.get(key) ?? inherited(pluginId, setting, tenantId))
        : current(pluginId, setting);
    };
    checkNeeds(definitions.get(pluginId)?.values() ?? [], new Set(given.keys()), after, locale);
    const shown = (setting: CompiledSetting, value: unknown) =>
      setting.definition.secret ? (value === null ? null : '***') : value;
    const rows = await data.tx(async () => {
      const written: SettingRow[] = [];
      for (const { key, value, setting } of entries) {
        const before = valueAt(pluginId, tenantId, setting) ?? null;
        if (isDeepStrictEqual(before, value)) continue;
        written.push(await write(pluginId, tenantId, key, value));
        await audit.record({
          action: 'setting.update',
          target: { type: 'setting', id: `${pluginId}/${key}`, label: setting.definition.title.en },
          before: { [key]: shown(setting, before) },
          after: { [key]: shown(setting, value) },
        });
      }
      return written;
    });
    for (const row of rows) accept(row);
  }

  async function refresh(): Promise<void> {
    const since = readUntil - skewMs;
    readUntil = clock.now();
    const rows = await repo().find(
      { updatedAt: { gte: since } },
      { limit: 10_000, orderBy: { updatedAt: 'asc' } },
    );
    for (const row of rows) accept(row);
  }

  return {
    register(pluginId, list) {
      const compiled = compileSettings(pluginId, list);
      definitions.set(pluginId, compiled);
      return () => {
        if (definitions.get(pluginId) === compiled) definitions.delete(pluginId);
      };
    },
    settingsFor: (pluginId) => ({
      get<T>(key: string): T {
        return current(pluginId, known(pluginId, key)) as T;
      },
      set: (key, value) => change(pluginId, { [key]: value }),
      onChange(listener) {
        const mine = listeners.get(pluginId) ?? new Set();
        mine.add(listener);
        listeners.set(pluginId, mine);
        return () => mine.delete(listener);
      },
    }),
    async load() {
      readUntil = clock.now();
      for (let after = ''; ; ) {
        const rows = await repo().find({ id: { gt: after } }, { limit: 1_000, orderBy: { id: 'asc' } });
        for (const row of rows) stored.set(row.slot, row);
        const last = rows.at(-1);
        if (!last || rows.length < 1_000) break;
        after = last.id;
      }
      parsed.clear();
    },
    refresh,
    start: () => clock.every(pollMs, () => void refresh().catch(onError)),
    plugins: () => [...definitions].filter(([, settings]) => settings.size > 0).map(([pluginId]) => pluginId),
    view(pluginId) {
      const settings = definitions.get(pluginId);
      if (!settings) throw new JackfieldError('NOT_FOUND');
      const tenantId = scope.current()?.tenantId ?? null;
      return [...settings.values()].map((setting) => {
        const { key, title, description, schema, level, secret = false } = setting.definition;
        return {
          key,
          title,
          description,
          schema,
          level,
          secret,
          value: secret ? null : current(pluginId, setting),
          default: secret ? null : (setting.definition.default ?? null),
          isSet: valueAt(pluginId, tenantId, setting) !== undefined,
          editable: mayEdit(setting, tenantId),
        };
      });
    },
    change,
  };
}
