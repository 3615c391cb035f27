import type { Column } from './contract.ts';

/**
 * Column builders, for `defineEntity` and for migrations. Each is not null and without default unless its
 * options say otherwise: `text(64, { nullable: true })`, `int({ default: 0 })`.
 * Text is compared and sorted byte for byte on both databases: "A" is not "a".
 */
export interface NullableOptions<T> {
  readonly nullable: true;
  readonly default?: T;
  readonly unique?: boolean;
}
export interface DefaultOptions<T> {
  readonly default: T;
  readonly nullable?: false;
  readonly unique?: boolean;
}
export interface PlainOptions {
  readonly nullable?: false;
  readonly unique?: boolean;
}
interface AnyOptions {
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly unique?: boolean;
}

/** Without `NoInfer` a default would narrow the column to that one value. */
interface Builder<Base> {
  <T extends Base = Base>(options: NullableOptions<NoInfer<T>>): Column<T, true, false>;
  <T extends Base = Base>(options: DefaultOptions<NoInfer<T>>): Column<T, false, true>;
  <T extends Base = Base>(options?: PlainOptions): Column<T, false, false>;
}
interface TextBuilder {
  <T extends string = string>(length: number, options: NullableOptions<NoInfer<T>>): Column<T, true, false>;
  <T extends string = string>(length: number, options: DefaultOptions<NoInfer<T>>): Column<T, false, true>;
  <T extends string = string>(length: number, options?: PlainOptions): Column<T, false, false>;
}
interface OneOfBuilder {
  <const T extends string>(
    values: readonly T[],
    options: NullableOptions<NoInfer<T>>,
  ): Column<T, true, false>;
  <const T extends string>(values: readonly T[], options: DefaultOptions<NoInfer<T>>): Column<T, false, true>;
  <const T extends string>(values: readonly T[], options?: PlainOptions): Column<T, false, false>;
}

function column(
  kind: Column<unknown>['kind'],
  options: AnyOptions = {},
  extra: { length?: number; values?: readonly string[] } = {},
): Column<never, never, never> {
  const built: Column<unknown, boolean> = {
    kind,
    nullable: options.nullable ?? false,
    ...extra,
    ...(options.unique ? { unique: true } : {}),
    ...(options.default === undefined ? {} : { default: options.default }),
  };
  return Object.freeze(built) as Column<never, never, never>;
}

/** The id of another row (26 characters at most). No foreign key: the other table may be another plugin's. */
export const id: Builder<string> = (options?: AnyOptions) => column('id', options);
/** At most `length` characters. */
export const text: TextBuilder = (length: number, options?: AnyOptions) =>
  column('text', options, { length });
/** Up to 4 GB; cannot be indexed, sorted by or unique. */
export const longText: Builder<string> = (options?: AnyOptions) => column('longtext', options);
/** Whole numbers of 32 bits. */
export const int: Builder<number> = (options?: AnyOptions) => column('int', options);
/** Whole numbers up to 2^53, for money in minor units and counters. */
export const bigint: Builder<number> = (options?: AnyOptions) => column('bigint', options);
export const bool: Builder<boolean> = (options?: AnyOptions) => column('bool', options);
/** Milliseconds since 1970, UTC. */
export const time: Builder<number> = (options?: AnyOptions) => column('time', options);
/** Stored as text; can only be asked for null, never compared. */
export const json: Builder<unknown> = (options?: AnyOptions) => column('json', options);

/** One of a fixed list of short words, such as a status: `oneOf(['open', 'closed'], { default: 'open' })`. */
export const oneOf: OneOfBuilder = (values: readonly string[], options?: AnyOptions) =>
  column('text', options, { length: 32, values });
