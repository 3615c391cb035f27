import type { IncomingMessage } from 'node:http';

/**
 * Did another site make the browser send this? Only for requests that change something and that a browser
 * authenticates by itself (a cookie). `Sec-Fetch-Site` decides where the browser sends it; `Origin` else; a
 * client that sends neither is no browser of the last ten years, and has no cookie to abuse.
 */
export function isCrossSite(request: {
  readonly method: string;
  readonly host: string;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  /** Origins besides our own that may act, such as `https://desk.example.com`. */
  readonly allowedOrigins: readonly string[];
}): boolean {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return false;
  if (request.origin && request.allowedOrigins.includes(request.origin)) return false;
  if (request.secFetchSite) return request.secFetchSite !== 'same-origin' && request.secFetchSite !== 'none';
  if (!request.origin) return false;
  return !URL.canParse(request.origin) || new URL(request.origin).host !== request.host;
}

/** The same for a WebSocket, which is not bound by CORS: else any page could open one with the visitor's cookie. */
export function comesFromAnotherSite(request: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const site = request.headers['sec-fetch-site'];
  return isCrossSite({
    // The handshake is a GET, but it opens a door through which requests come.
    method: 'POST',
    host: request.headers.host ?? '',
    origin: request.headers.origin,
    secFetchSite: typeof site === 'string' ? site : undefined,
    allowedOrigins,
  });
}
