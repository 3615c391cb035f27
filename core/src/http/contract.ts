/**
 * The route contract.
 *
 * A plugin's routes live under `/api/<plugin id>`. Before a handler runs, in this order: same-site check →
 * session → tenant → is the plugin active (404 PLUGIN_NOT_ENABLED) → permission → rate limit → zod in. After
 * it: zod out, so a field that is not declared never leaves. An error is problem+json (RFC 9457) with `code`.
 * Without `permission`, `signedIn` or `public`, a route needs sign-in and the permission `<plugin>:<method>`, GET/HEAD
 * being `read` and the rest `write`.
 */
import type { Readable } from 'node:stream';
import type { z } from 'zod';

export interface RouteOptions<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
> {
  /** One line for OpenAPI. */
  readonly summary?: string;
  readonly permission?: string;
  /** No sign-in needed; `user` is null unless somebody is signed in. */
  readonly public?: true;
  /** Sign-in is enough, no permission is asked: what concerns only oneself. */
  readonly signedIn?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response?: R;
  /** Success status: 200, or 204 without `response`, unless given. */
  readonly status?: number;
  /** Requests a minute and user (or address); over it RATE_LIMITED with `Retry-After`. */
  readonly rateLimit?: number;
  /** The body is a file, not JSON: its stream is `request.upload`. Excludes `body`. */
  readonly upload?: {
    /** Over it the stream fails with PAYLOAD_TOO_LARGE. */
    readonly maxBytes: number;
    /** Accepted media types, such as `audio/wav` or `image/*`; others are UNSUPPORTED_MEDIA_TYPE. */
    readonly types: readonly string[];
  };
}
export interface RouteRequest<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Null on public routes without a session. */
  readonly user: { readonly id: string; readonly name: string; can(permission: string): boolean } | null;
  /** Set when the route declares `upload`. */
  readonly upload: { readonly stream: Readable; readonly type: string; readonly size: number | null } | null;
  readonly ip: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** HttpOnly, SameSite=Lax, and Secure behind https. `null` removes it. */
  setCookie(name: string, value: string | null, options?: { readonly maxAgeMs?: number }): void;
}
/** For what is not JSON: a recording, an export. Ranges are honoured when `size` and `open(start, end)` are given. */
export interface FileResponse {
  readonly file: {
    readonly type: string;
    readonly size: number;
    readonly name?: string;
    readonly inline?: boolean;
    open(range?: { start: number; end: number }): Readable | Promise<Readable>;
  };
}
export type RouteHandler<P, Q, B, R> = (
  request: RouteRequest<P, Q, B>,
) => R | FileResponse | Promise<R | FileResponse>;

type None = z.ZodUndefined;
type AddRoute = <
  P extends z.ZodType = None,
  Q extends z.ZodType = None,
  B extends z.ZodType = None,
  R extends z.ZodType = None,
>(
  path: string,
  options: RouteOptions<P, Q, B, R>,
  handler: RouteHandler<z.output<P>, z.output<Q>, z.output<B>, R extends None ? void : z.input<R>>,
) => () => void;

export interface PluginRoutes {
  readonly get: AddRoute;
  readonly post: AddRoute;
  readonly put: AddRoute;
  readonly patch: AddRoute;
  readonly delete: AddRoute;
}
