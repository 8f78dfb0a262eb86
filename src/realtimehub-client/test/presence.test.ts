import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RealtimeHubClient } from '../src/client.js';
import type { PresenceChangedMessage } from '../src/wire/events.js';
import { FakeHub } from './fakeHub.js';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

async function connected(onError?: (error: unknown) => void) {
  const hub = new FakeHub();
  hub.answer = () => ({ ok: true, value: {} });
  const client = new RealtimeHubClient({
    url: '', accessToken: () => '', transport: hub.open, backoff: { baseMs: 100, random: () => 0.5 }, ...(onError ? { onError } : {}),
  });
  await client.start();
  return { hub, client };
}

const change: PresenceChangedMessage = {
  topic: 'conversation:talk', changes: [{ subject: { kind: 'user', id: 'mia' }, state: 'typing', since: '2026-11-22T13:00:00.123Z' }],
};

describe('presence', () => {
  it('of others is told until nobody listens', async () => {
    const { hub, client } = await connected();
    const heard: PresenceChangedMessage[] = [];
    const stop = client.onPresenceChange((message) => heard.push(message));
    hub.now.send('PresenceChanged', change);
    stop();
    hub.now.send('PresenceChanged', change);
    expect(heard).toEqual([change]);
  });

  it('listeners that throw harm nobody else', async () => {
    const onError = vi.fn();
    const { hub, client } = await connected(onError);
    const heard = vi.fn();
    client.onPresenceChange(() => { throw new Error('mine'); });
    client.onPresenceChange(heard);
    hub.now.send('PresenceChanged', change);
    expect(onError).toHaveBeenCalledOnce();
    expect(heard).toHaveBeenCalledOnce();
  });

  it('is said again on the next connection, as far as it still holds', async () => {
    const { hub, client } = await connected();
    await client.setPresence({ topic: 'conversation:talk', state: 'typing' });
    await client.setPresence({ state: 'away' });
    await client.setPresence({ topic: 'conversation:left', state: 'active' });
    await client.setPresence({ topic: 'conversation:left', state: 'offline' });
    hub.now.drop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hub.connections).toHaveLength(2);
    expect(hub.now.invocations.map((i) => [i.method, i.request.topic, i.request.state])).toEqual([
      ['SetPresence', 'conversation:talk', 'active'], ['SetPresence', undefined, 'away'],
    ]);
  });

  it('that is refused is not said again', async () => {
    const { hub, client } = await connected();
    hub.answer = () => ({ ok: false, error: { code: 'not_found', message: 'No.' } });
    await client.setPresence({ topic: 'conversation:talk', state: 'active' });
    hub.now.drop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hub.now.invocations).toEqual([]);
  });
});
