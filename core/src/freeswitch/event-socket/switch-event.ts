/**
 * One event (or channel dump) of FreeSWITCH. Headers are decoded when asked for, since a channel event has
 * some 200 of them and Jackfield reads about ten.
 */
export interface SwitchEvent {
  /** `Event-Name`; for CUSTOM events also see `subclass`. */
  readonly name: string;
  readonly subclass: string | null;
  /** `Unique-ID` or null. */
  readonly uuid: string | null;
  /** First value of a header, percent-decoded; malformed escapes are kept as they are. Null if absent. */
  get(header: string): string | null;
  /** `get('variable_' + name)` */
  variable(name: string): string | null;
  /** All values of a header that occurs more than once. */
  getAll(header: string): readonly string[];
  /** Body of the event, decoded as UTF-8 with replacement characters. Null if none. */
  readonly body: string | null;
  /** `Event-Date-Timestamp` in milliseconds since 1970 (FreeSWITCH's steps are of about 20 ms); 0 if absent. */
  readonly timestamp: number;
  /** Everything, for logs and tests; decodes the whole. */
  toObject(): Record<string, string>;
}
