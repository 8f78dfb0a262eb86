import { describe, expect, it } from 'vitest';
import { HubHttp, requestDevToken } from '../src/http.js';

function server(status: number, body: unknown, headers: Record<string, string> = {}) {
  const calls: { url: string; init: RequestInit }[] = [];
  const fetch = async (url: string, init: RequestInit = {}) => {
    calls.push({ url, init });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
  };
  return { calls, fetch, http: new HubHttp({ url: 'http://hub.test/', accessToken: () => 'secret', fetch }) };
}

describe('HubHttp', () => {
  it('asks for history with what is given, an empty before included', async () => {
    const { http, calls } = server(200, { events: [], cursor: 'c', hasMore: false });
    await http.history('conversation:c1', { before: '', limit: 50, types: ['reasoning.*', 'run.steered'] });
    expect(calls[0]!.url).toBe(
      'http://hub.test/api/v1/topics/conversation%3Ac1/events?before=&limit=50&types=reasoning.*%2Crun.steered');
    expect(calls[0]!.init.headers).toMatchObject({ authorization: 'Bearer secret' });
  });

  it('maps problem details to the same error as a reply', async () => {
    const { http } = server(400, { title: 'Bad Request', detail: 'Not like this.', code: 'invalid_request', errors: { limit: ['too big'] } });
    await expect(http.conversations()).rejects.toMatchObject({
      name: 'RealtimeHubError', code: 'invalid_request', message: 'Not like this.', errors: { limit: ['too big'] }, status: 400,
    });
  });

  it('finds a code for answers that carry none, and when to come again', async () => {
    await expect(server(429, 'slow', { 'retry-after': '3' }).http.agents()).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 3_000 });
    await expect(server(502, '<html>').http.me()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(server(418, '').http.me()).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('says unavailable when there is no answer', async () => {
    const http = new HubHttp({ url: '', accessToken: () => '', fetch: () => Promise.reject(new TypeError('fetch failed')) });
    await expect(http.me()).rejects.toMatchObject({ code: 'unavailable', message: 'fetch failed' });
  });
});

describe('requestDevToken', () => {
  it('sends no bearer', async () => {
    const { calls, fetch } = server(200, { accessToken: 'a', expiresAt: 'later' });
    expect(await requestDevToken('', { tenant: 'demo', user: 'u', scopes: ['admin'] }, fetch)).toEqual({ accessToken: 'a', expiresAt: 'later' });
    expect(calls[0]!.url).toBe('/auth/dev-token');
    expect(calls[0]!.init.headers).not.toHaveProperty('authorization');
    expect(JSON.parse(calls[0]!.init.body as string)).toEqual({ tenant: 'demo', user: 'u', scopes: ['admin'] });
  });
});
