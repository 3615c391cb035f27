import type { Middleware } from 'koa';

export interface ContentPolicy {
  /** CSP hashes (`sha256-…`) of the inline scripts of the shell: its import map. */
  readonly scriptHashes: readonly string[];
  /** Who may show the workbench in a frame: origins, or none. */
  readonly frameAncestors: readonly string[];
}

/**
 * Scripts come from here alone. Styles may be inline, since Element Plus sets them on elements; sockets may
 * go to any port, since the softphone talks to the switch by WebSocket.
 */
export function contentSecurityPolicy(policy: ContentPolicy): string {
  const hashes = policy.scriptHashes.map((hash) => ` '${hash}'`).join('');
  const ancestors = policy.frameAncestors.length > 0 ? policy.frameAncestors.join(' ') : "'none'";
  return [
    "default-src 'self'",
    `script-src 'self'${hashes}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob: https:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    `frame-ancestors ${ancestors}`,
  ].join('; ');
}

export function securityHeaders(policy: () => ContentPolicy): Middleware {
  return async (ctx, next) => {
    ctx.set('Content-Security-Policy', contentSecurityPolicy(policy()));
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Referrer-Policy', 'same-origin');
    ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
    ctx.set('Permissions-Policy', 'microphone=(self), camera=(self), geolocation=()');
    if (ctx.secure) ctx.set('Strict-Transport-Security', 'max-age=15552000');
    await next();
  };
}
