import { describe, expect, it, vi } from 'vitest';
import { createApi } from './api.ts';
import { ApiError } from './api-error.ts';

type Answer = { status?: number; body?: unknown; text?: string; headers?: Record<string, string> };
function setup(answer: Answer | (() => Promise<Response>)) {
  const requests: { url: string; init: RequestInit }[] = [];
  const onSignedOut = vi.fn();
  const onServerDate = vi.fn();
  const api = createApi({
    fetch: async (input, init = {}) => {
      requests.push({ url: String(input), init });
      if (typeof answer === 'function') return answer();
      const text = answer.text ?? (answer.body === undefined ? null : JSON.stringify(answer.body));
      return new Response(text, { status: answer.status ?? 200, headers: answer.headers ?? {} });
    },
    locale: () => 'en',
    onSignedOut,
    onServerDate,
  });
  return { api, requests, onSignedOut, onServerDate };
}
const failure = async (work: Promise<unknown>): Promise<ApiError> => {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!ApiError.is(error)) throw new Error(`expected an ApiError, got ${String(error)}`);
  return error;
};

describe('the HTTP client', () => {
  it('sends JSON with the reader’s language and gives back what came', async () => {
    const { api, requests } = setup({ body: { id: 1 } });
    expect(await api.post('crm/customers', { name: 'Amy' })).toEqual({ id: 1 });
    expect(requests[0]?.url).toBe('/api/crm/customers');
    expect(requests[0]?.init).toMatchObject({
      method: 'POST',
      body: '{"name":"Amy"}',
      headers: { 'content-type': 'application/json', 'accept-language': 'en' },
    });
  });

  it('leaves empty query values out and repeats lists', async () => {
    const { api, requests } = setup({ body: {} });
    await api.get('/crm/customers', {
      query: { search: '', cursor: undefined, sort: '-name', tag: ['a', 'b'], limit: 0 },
    });
    expect(requests[0]?.url).toBe('/api/crm/customers?sort=-name&tag=a&tag=b&limit=0');
  });

  it('gives nothing for an empty answer', async () => {
    expect(await setup({ status: 204 }).api.delete('x/1')).toBeUndefined();
  });

  it('turns problem+json into an ApiError with the fields a form can show', async () => {
    const { api } = setup({
      status: 422,
      body: {
        code: 'VALIDATION_FAILED',
        title: 'T',
        detail: 'D',
        details: { a: 1 },
        errors: [{ path: 'body.phones.0.number', message: 'too short' }],
      },
    });
    const error = await failure(api.post('x', {}));
    expect(error).toMatchObject({
      code: 'VALIDATION_FAILED',
      status: 422,
      detail: 'D',
      details: { a: 1 },
      errors: [{ path: 'phones.0.number', message: 'too short' }],
    });
  });

  it('says BAD_RESPONSE for an error page of a proxy, NETWORK when nothing answers', async () => {
    expect((await failure(setup({ status: 502, text: '<html>' }).api.get('x'))).code).toBe('BAD_RESPONSE');
    expect((await failure(setup(() => Promise.reject(new TypeError('failed'))).api.get('x'))).code).toBe(
      'NETWORK',
    );
  });

  it('tells that nobody is signed in, but not for a wrong password', async () => {
    const out = setup({ status: 401, body: { code: 'NOT_SIGNED_IN' } });
    await failure(out.api.get('x'));
    expect(out.onSignedOut).toHaveBeenCalledOnce();
    const wrong = setup({ status: 401, body: { code: 'BAD_CREDENTIALS', details: { attemptsLeft: 6 } } });
    expect((await failure(wrong.api.post('core/sign-in', {}))).details.attemptsLeft).toBe(6);
    expect(wrong.onSignedOut).not.toHaveBeenCalled();
    const quiet = setup({ status: 401, body: { code: 'NOT_SIGNED_IN' } });
    await failure(quiet.api.get('core/session', { quiet401: true }));
    expect(quiet.onSignedOut).not.toHaveBeenCalled();
  });

  it('passes the caller’s own abort through, and calls a slow server TIMEOUT', async () => {
    const hang = () => {
      const { api, requests } = setup(
        () =>
          new Promise((_, reject) => {
            const signal = requests.at(-1)?.init.signal;
            signal?.addEventListener('abort', () => reject(signal.reason));
          }),
      );
      return api;
    };
    const abort = new AbortController();
    const work = hang().get('x', { signal: abort.signal });
    abort.abort();
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect((await failure(hang().get('x', { timeout: 1 }))).code).toBe('TIMEOUT');
  });

  it('tells the server’s time', async () => {
    const { api, onServerDate } = setup({ body: {}, headers: { date: 'Fri, 20 Nov 2026 10:00:00 GMT' } });
    await api.get('x');
    expect(onServerDate).toHaveBeenCalledWith(Date.UTC(2026, 10, 20, 10));
  });
});
