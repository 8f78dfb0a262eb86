import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RealtimeHubClient } from '../src/client.js';
import { unwrap } from '../src/errors.js';
import { FakeHub, settle } from './fakeHub.js';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

async function connected() {
  const hub = new FakeHub();
  const client = new RealtimeHubClient({
    url: '', accessToken: () => '', transport: hub.open, backoff: { baseMs: 100, random: () => 0.5 }, commandTimeoutMs: 10_000,
  });
  await client.start();
  return { hub, client };
}

const message = { conversationId: 'c1', text: 'Hello' };

describe('a command', () => {
  it('carries a key of its own and answers the reply', async () => {
    const { hub, client } = await connected();
    hub.answer = () => ({ ok: true, value: { messageId: 'm1' }, seq: 7 });
    const reply = await client.sendMessage(message);
    await client.sendMessage(message);
    expect(reply).toEqual({ ok: true, value: { messageId: 'm1' }, seq: 7 });
    const keys = hub.now.invocations.map((i) => i.request.idempotencyKey);
    expect(keys[0]).toMatch(/^[0-9a-f-]{32,36}$/);
    expect(keys[1]).not.toBe(keys[0]);
    expect(hub.now.last('SendMessage')).toEqual({ ...message, idempotencyKey: keys[1] });
  });

  it('keeps the key that it is given', async () => {
    const { hub, client } = await connected();
    hub.answer = () => ({ ok: true, value: {} });
    await client.invoke('SetPresence', { state: 'away', idempotencyKey: 'mine' });
    expect(hub.now.last('SetPresence')).toEqual({ state: 'away', idempotencyKey: 'mine' });
  });

  it('carries none when it takes none', async () => {
    const { hub, client } = await connected();
    hub.answer = () => ({ ok: true, value: {} });
    await client.invoke('PublishEvents', { topic: 't', events: [] }, { keyed: false });
    expect(hub.now.last('PublishEvents')).toEqual({ topic: 't', events: [] });
  });

  it('is sent again with the same key when the connection breaks under it', async () => {
    const { hub, client } = await connected();
    const reply = client.startRun({ agentId: 'a', conversationId: 'c1', input: { question: '?' } });
    await settle();
    const first = hub.now.last('StartRun');
    hub.now.drop();
    hub.answer = () => ({ ok: true, value: { runId: 'r1', topic: 'conversation:c1' } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hub.connections).toHaveLength(2);
    expect(hub.now.last('StartRun')).toEqual(first);
    expect(unwrap(await reply).runId).toBe('r1');
  });

  it('waits for a connection, but not for ever', async () => {
    const { hub, client } = await connected();
    hub.refuse = new Error('refused');
    hub.now.drop();
    await settle();
    const reply = client.sendMessage(message);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await reply).toMatchObject({ ok: false, error: { code: 'unavailable', details: { idempotencyKey: expect.any(String) } } });
  });

  it('does not wait for ever for an answer either', async () => {
    const { client } = await connected();
    const reply = client.sendMessage(message);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await reply).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  });

  it('is not repeated when the server refuses the invocation on a standing connection', async () => {
    const { hub, client } = await connected();
    const reply = client.invoke('NoSuchMethod', {});
    await settle();
    hub.now.invocations[0]!.reject(new Error('Method does not exist.'));
    expect(await reply).toEqual({ ok: false, error: { code: 'internal', message: 'Method does not exist.' } });
    expect(hub.now.invocations).toHaveLength(1);
  });

  it('fails at once on a closed client', async () => {
    const { client } = await connected();
    await client.stop();
    expect(await client.sendMessage(message)).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  });

  it('throws the error when unwrapped', async () => {
    const { hub, client } = await connected();
    hub.answer = () => ({ ok: false, error: { code: 'conflict', message: 'Ended.', details: { status: 'completed' } } });
    const reply = await client.cancelRun({ topic: 't', runId: 'r' });
    expect(() => unwrap(reply)).toThrow(expect.objectContaining({ name: 'RealtimeHubError', code: 'conflict', details: { status: 'completed' } }));
  });
});
