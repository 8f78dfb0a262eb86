import { RealtimeHubError } from 'realtimehub-client';
import { describe, expect, it, vi } from 'vitest';
import { signInProblem, storedSession, storeSession, TokenSource, type Session } from '../src/session/session';

const session = (token: string, endsInMs: number): Session => (
  { tenant: 'demo', user: 'operator', roles: [], accessToken: token, expiresAt: new Date(1_000_000 + endsInMs).toISOString() });
const now = () => 1_000_000;

describe('TokenSource', () => {
  it('gives the token that it has while that is good', async () => {
    const renew = vi.fn();
    expect(await new TokenSource(session('a', 600_000), () => undefined, renew, now).get({ rejected: false })).toBe('a');
    expect(renew).not.toHaveBeenCalled();
  });

  it.each([['it is about to end', 59_000, false], ['the server refused it', 600_000, true]])('asks for a new one when %s', async (_, endsInMs, rejected) => {
    const renewed: Session[] = [];
    const source = new TokenSource(session('a', endsInMs), (s) => renewed.push(s), async () => session('b', 600_000), now);
    expect(await source.get({ rejected })).toBe('b');
    expect(await source.get({ rejected: false })).toBe('b');
    expect(renewed.map((s) => s.accessToken)).toEqual(['b']);
  });

  it('asks once for several at a time, and again after a failure', async () => {
    const renew = vi.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValue(session('b', 600_000));
    const source = new TokenSource(session('a', 0), () => undefined, renew, now);
    const both = await Promise.allSettled([source.get({ rejected: false }), source.get({ rejected: false })]);
    expect(both.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    expect(renew).toHaveBeenCalledTimes(1);
    expect(await source.get({ rejected: false })).toBe('b');
  });
});

describe('the stored session', () => {
  it('comes back, and anything else does not', () => {
    const items = new Map<string, string>();
    const storage = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    };
    expect(storedSession(storage)).toBeUndefined();
    storeSession(session('a', 0), storage);
    expect(storedSession(storage)).toEqual(session('a', 0));
    storeSession(undefined, storage);
    expect(storedSession(storage)).toBeUndefined();
    items.set('realtimehub.session', '{broken');
    expect(storedSession(storage)).toBeUndefined();
  });
});

describe('signInProblem', () => {
  it('explains a server with another issuer', () => {
    expect(signInProblem(new RealtimeHubError({ code: 'not_found', message: '' }, 404))).toContain('another issuer');
    expect(signInProblem(new RealtimeHubError({ code: 'forbidden', message: 'Loopback only.' }, 403))).toBe('Loopback only.');
  });
});
