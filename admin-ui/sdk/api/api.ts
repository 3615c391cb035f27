import { ApiError, toApiError } from './api-error.ts';

export type QueryValue = string | number | boolean | null | undefined | readonly (string | number)[];
export type Query = Readonly<Record<string, QueryValue>>;

export interface RequestOptions {
  /** Empty values (undefined, null, '') are left out; a list is sent as repeated keys. */
  readonly query?: Query;
  readonly signal?: AbortSignal;
  /** Milliseconds; 30,000 unless given. */
  readonly timeout?: number;
  /** A 401 of this request does not send the user to the sign-in page. */
  readonly quiet401?: boolean;
}

export interface Api {
  get<T>(path: string, options?: RequestOptions): Promise<T>;
  post<T = void>(path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  put<T = void>(path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  patch<T = void>(path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  delete<T = void>(path: string, options?: RequestOptions): Promise<T>;
  /** The address itself, for `<audio src>` and downloads. */
  url(path: string, query?: Query): string;
}

export interface ApiDependencies {
  readonly fetch: typeof fetch;
  readonly locale: () => string;
  readonly onSignedOut: () => void;
  /** The server's `Date` header, epoch milliseconds (whole seconds). */
  readonly onServerDate?: (at: number) => void;
}

/** `/crm/customers` and `crm/customers` are `/api/crm/customers`. */
function addressOf(path: string, query?: Query): string {
  const clean = path.replace(/^\/+/, '');
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') params.append(key, String(one));
    }
  }
  const text = params.toString();
  return `/api/${clean}${text ? `?${text}` : ''}`;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError('BAD_RESPONSE', response.status, `HTTP ${response.status}`, { cause });
  }
}

/** Plain values go as JSON; FormData, Blob and URLSearchParams as they are. */
function encode(body: unknown): { body?: BodyInit; headers: Record<string, string> } {
  if (body === undefined) return { headers: {} };
  if (body instanceof FormData || body instanceof Blob || body instanceof URLSearchParams)
    return { body, headers: {} };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/**
 * A failed request throws ApiError. Only one thing passes through as it is: the AbortError of a signal the caller
 * gave and aborted himself.
 */
export function createApi(dependencies: ApiDependencies): Api {
  async function send<T>(
    method: string,
    path: string,
    body: unknown,
    options: RequestOptions = {},
  ): Promise<T> {
    const timeout = AbortSignal.timeout(options.timeout ?? 30_000);
    const encoded = encode(body);
    let response: Response;
    try {
      response = await dependencies.fetch(addressOf(path, options.query), {
        method,
        credentials: 'same-origin',
        headers: { accept: 'application/json', 'accept-language': dependencies.locale(), ...encoded.headers },
        signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
        ...(encoded.body === undefined ? {} : { body: encoded.body }),
      });
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new ApiError(timeout.aborted ? 'TIMEOUT' : 'NETWORK', 0, '', { cause });
    }
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) dependencies.onServerDate?.(date);
    if (response.ok) return (await readJson(response)) as T;
    const error = toApiError(response.status, await readJson(response));
    if (error.code === 'NOT_SIGNED_IN' && !options.quiet401) dependencies.onSignedOut();
    throw error;
  }
  return {
    get: (path, options) => send('GET', path, undefined, options),
    post: (path, body, options) => send('POST', path, body, options),
    put: (path, body, options) => send('PUT', path, body, options),
    patch: (path, body, options) => send('PATCH', path, body, options),
    delete: (path, options) => send('DELETE', path, undefined, options),
    url: addressOf,
  };
}
