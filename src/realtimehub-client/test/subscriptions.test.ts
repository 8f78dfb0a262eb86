import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RealtimeHubClient } from '../src/client.js';
import type { SubscriptionChange } from '../src/subscription.js';
import { event, FakeHub, settle, subscribed } from './fakeHub.js';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

const topic = 'conversation:c1';

async function connected() {
  const hub = new FakeHub();
  const errors: unknown[] = [];
  const client = new RealtimeHubClient({
    url: 'http://hub.test', accessToken: () => 'token', transport: hub.open, backoff: { baseMs: 100, random: () => 0.5 },
    onError: (error) => errors.push(error),
  });
  await client.start();
  return { hub, client, errors };
}

function watcher() {
  const seen = { seqs: [] as number[], snapshots: [] as unknown[], changes: [] as SubscriptionChange[] };
  return {
    ...seen,
    statuses: () => seen.changes.map((c) => c.status),
    onSnapshot: (state: unknown) => { seen.snapshots.push(state); },
    onEvents: (events: readonly { seq: number }[]) => { seen.seqs.push(...events.map((e) => e.seq)); },
    onChanged: (change: SubscriptionChange) => { seen.changes.push(change); },
  };
}

async function reconnect(hub: FakeHub) {
  hub.now.drop();
  await vi.advanceTimersByTimeAsync(1_000);
}

describe('subscribe', () => {
  it('asks for everything that was subscribed in one go, with a ref each', async () => {
    const { hub, client } = await connected();
    client.subscribe(topic, { from: 'snapshot' }, {});
    client.subscribe('agent:writer', { from: 'latest' }, {});
    await settle();
    expect(hub.now.invocations).toHaveLength(1);
    const [a, b] = hub.now.requests();
    expect(a).toMatchObject({ topic, from: 'snapshot' });
    expect(b).toMatchObject({ topic: 'agent:writer', from: 'latest' });
    expect(a!.ref).not.toBe(b!.ref);
  });

  it('may come before the connection does', async () => {
    const hub = new FakeHub();
    const client = new RealtimeHubClient({ url: '', accessToken: () => '', transport: hub.open });
    client.subscribe(topic, { from: 'earliest' }, {});
    await settle();
    await client.start();
    await settle();
    expect(hub.now.requests()).toMatchObject([{ topic, from: 'earliest' }]);
  });

  it('drops events that it has seen, and those that a snapshot holds', async () => {
    const { hub, client } = await connected();
    const w = watcher();
    client.subscribe(topic, { from: 'snapshot' }, w);
    await settle();
    const { ref } = hub.now.requests()[0]!;
    hub.now.send('Events', { topic, cursor: 'x', events: [event(3)] }); // not ours: the snapshot has not come
    hub.now.send('Snapshot', { topic, ref, cursor: 'c5', state: { seq: 5 } });
    hub.now.send('Events', { topic, cursor: 'c7', events: [event(5), event(6), event(7)] });
    hub.now.send('Events', { topic, cursor: 'c8', events: [event(7), event(8)] });
    expect(w.snapshots).toEqual([{ seq: 5 }]);
    expect(w.seqs).toEqual([6, 7, 8]);
  });

  it('stops calling handlers as soon as it is closed, and unsubscribes', async () => {
    const { hub, client } = await connected();
    const w = watcher();
    const subscription = client.subscribe(topic, { from: 'latest' }, w);
    await settle();
    subscription.close();
    hub.now.send('Events', { topic, cursor: 'c1', events: [event(1)] });
    await settle();
    expect(w.seqs).toEqual([]);
    expect(hub.now.last('Unsubscribe')).toEqual({ topics: [topic] });
    await reconnect(hub);
    expect(hub.now.requests()).toEqual([]);
  });

  it.each(['not_found', 'forbidden', 'limit'] as const)('says %s and does not ask again', async (status) => {
    const { hub, client } = await connected();
    hub.answer = subscribed({ [topic]: status });
    const w = watcher();
    client.subscribe(topic, { from: 'latest' }, w);
    await settle();
    expect(w.statuses()).toEqual([status]);
    await reconnect(hub);
    expect(hub.now.requests()).toEqual([]);
  });

  it('finds the one bad cursor among several', async () => {
    const { hub, client } = await connected();
    hub.answer = (method, request) => request.subscriptions.some((s: { cursor?: string }) => s.cursor === 'bad')
      ? { ok: false, error: { code: 'invalid_request', message: 'cursor' } }
      : subscribed()(method, request);
    const [good, bad, also] = [watcher(), watcher(), watcher()];
    client.subscribe('agent:a', { from: 'latest' }, good);
    client.subscribe('agent:b', { from: 'cursor', cursor: 'bad' }, bad);
    client.subscribe('agent:c', { from: 'latest' }, also);
    await settle();
    expect(good.statuses()).toEqual(['ok']);
    expect(also.statuses()).toEqual(['ok']);
    expect(bad.changes).toMatchObject([{ status: 'failed', error: { code: 'invalid_request' } }]);
  });

  it('asks again when the server has no time for it', async () => {
    const { hub, client } = await connected();
    hub.answer = () => ({ ok: false, error: { code: 'rate_limited', message: '', retryAfterMs: 700 } });
    const w = watcher();
    client.subscribe(topic, { from: 'latest' }, w);
    await settle();
    hub.answer = subscribed();
    await vi.advanceTimersByTimeAsync(699);
    expect(w.statuses()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(w.statuses()).toEqual(['ok']);
  });

  it('survives a handler that throws', async () => {
    const { hub, client, errors } = await connected();
    const w = watcher();
    client.subscribe('agent:a', { from: 'latest' }, { onEvents: () => { throw new Error('mine'); } });
    client.subscribe('agent:b', { from: 'latest' }, w);
    await settle();
    hub.now.send('Events', { topic: 'agent:a', cursor: '1', events: [event(1)] });
    hub.now.send('Events', { topic: 'agent:b', cursor: '2', events: [event(2)] });
    expect(w.seqs).toEqual([2]);
    expect(errors).toHaveLength(1);
  });
});

describe('after a reconnection', () => {
  it('goes on by cursor without a gap or a repetition', async () => {
    const { hub, client } = await connected();
    const w = watcher();
    client.subscribe(topic, { from: 'snapshot' }, w);
    await settle();
    hub.now.send('Snapshot', { topic, ref: hub.now.requests()[0]!.ref, cursor: 'c5', state: { seq: 5 } });
    hub.now.send('Events', { topic, cursor: 'c6', events: [event(6)] });
    await reconnect(hub);
    expect(hub.now.requests()).toMatchObject([{ topic, from: 'cursor', cursor: 'c6' }]);
    hub.now.send('Events', { topic, cursor: 'c8', events: [event(6), event(7), event(8)] });
    expect(w.seqs).toEqual([6, 7, 8]);
    expect(w.snapshots).toHaveLength(1);
    expect(w.statuses()).toEqual(['ok', 'resumed']);
  });

  it('goes on from where the subscription began when nothing has come yet', async () => {
    const { hub, client } = await connected();
    hub.answer = subscribed({}, 'c-start');
    client.subscribe(topic, { from: 'latest' }, {});
    await settle();
    await reconnect(hub);
    expect(hub.now.requests()).toMatchObject([{ from: 'cursor', cursor: 'c-start' }]);
  });

  it('asks for the snapshot again when it had not come', async () => {
    const { hub, client } = await connected();
    client.subscribe(topic, { from: 'snapshot' }, {});
    await settle();
    await reconnect(hub);
    expect(hub.now.requests()).toMatchObject([{ from: 'snapshot' }]);
  });

  it('ignores the cursor of a reply that comes after events', async () => {
    const { hub, client } = await connected();
    hub.answer = undefined;
    const w = watcher();
    client.subscribe(topic, { from: 'earliest' }, w);
    await settle();
    const call = hub.now.invocations[0]!;
    hub.now.send('Events', { topic, cursor: 'c2', events: [event(1), event(2)] });
    call.resolve(subscribed({}, 'c0')('Subscribe', call.request));
    await settle();
    await reconnect(hub);
    expect(hub.now.requests()).toMatchObject([{ from: 'cursor', cursor: 'c2' }]);
  });

  it.each(['reset', 'expired'] as const)('takes the snapshot that follows %s, even of a log that went back', async (status) => {
    const { hub, client } = await connected();
    const w = watcher();
    client.subscribe(topic, { from: 'latest' }, w);
    await settle();
    hub.now.send('Events', { topic, cursor: 'c90', events: [event(90)] });
    hub.answer = subscribed({ [topic]: status });
    await reconnect(hub);
    const { ref } = hub.now.requests()[0]!;
    hub.now.send('Snapshot', { topic, ref, cursor: 'n4', state: { seq: 4 } });
    hub.now.send('Events', { topic, cursor: 'n5', events: [event(5)] });
    expect(w.statuses()).toEqual(['ok', status]);
    expect(w.snapshots).toEqual([{ seq: 4 }]);
    expect(w.seqs).toEqual([90, 5]);
    await reconnect(hub);
    expect(hub.now.requests()).toMatchObject([{ cursor: 'n5' }]);
  });

  it('takes a snapshot that comes before the reply that says reset', async () => {
    const { hub, client } = await connected();
    const w = watcher();
    client.subscribe(topic, { from: 'cursor', cursor: 'old' }, w);
    hub.answer = undefined;
    await settle();
    const call = hub.now.invocations[0]!;
    hub.now.send('Snapshot', { topic, ref: call.request.subscriptions[0].ref, cursor: 'n4', state: { seq: 4 } });
    hub.now.send('Events', { topic, cursor: 'n5', events: [event(5)] });
    call.resolve(subscribed({ [topic]: 'reset' }, 'n4')('Subscribe', call.request));
    await settle();
    hub.now.send('Events', { topic, cursor: 'n6', events: [event(6)] });
    expect(w.seqs).toEqual([5, 6]);
  });
});

describe('the fence', () => {
  async function replaced() {
    const { hub, client } = await connected();
    const [old, young] = [watcher(), watcher()];
    client.subscribe(topic, { from: 'latest' }, old);
    await settle();
    client.subscribe(topic, { from: 'cursor', cursor: 'c0' }, young);
    await settle();
    const refs = hub.now.requests().map((r) => r.ref);
    return { hub, client, old, young, ref: refs[1]! };
  }

  it('gives events before it to the old subscription and those after it to the new one', async () => {
    const { hub, old, young, ref } = await replaced();
    hub.now.send('Events', { topic, cursor: 'c9', events: [event(9)] });
    hub.now.send('SubscriptionChanged', { topic, ref, status: 'replaced' });
    hub.now.send('Events', { topic, cursor: 'c1', events: [event(1), event(2)] });
    expect(old.seqs).toEqual([9]);
    expect(young.seqs).toEqual([1, 2]);
    expect(old.statuses()).toEqual(['ok', 'replaced']);
    await reconnect(hub);
    expect(hub.now.requests()).toMatchObject([{ cursor: 'c1' }]);
  });

  it('is also the new snapshot', async () => {
    const { hub, client } = await connected();
    const [old, young] = [watcher(), watcher()];
    client.subscribe(topic, { from: 'latest' }, old);
    await settle();
    client.subscribe(topic, { from: 'snapshot' }, young);
    await settle();
    hub.now.send('Snapshot', { topic, ref: hub.now.requests()[1]!.ref, cursor: 'c3', state: { seq: 3 } });
    hub.now.send('Events', { topic, cursor: 'c4', events: [event(4)] });
    expect(old.seqs).toEqual([]);
    expect(young.seqs).toEqual([4]);
  });

  it('is not waited for when the old subscription has ended', async () => {
    const { hub, old, young } = await replaced();
    hub.now.send('SubscriptionChanged', { topic, ref: hub.now.requests()[0]!.ref, status: 'revoked', reason: 'left' });
    hub.now.send('Events', { topic, cursor: 'c1', events: [event(1)] });
    expect(old.changes.at(-1)).toEqual({ status: 'revoked', reason: 'left' });
    expect(young.seqs).toEqual([1]);
  });

  it('is not needed on a new connection', async () => {
    const { hub, old, young } = await replaced();
    await reconnect(hub);
    hub.now.send('Events', { topic, cursor: 'c5', events: [event(5)] });
    expect(hub.now.requests()).toHaveLength(1);
    expect(old.seqs).toEqual([]);
    expect(young.seqs).toEqual([5]);
  });

  it('separates a subscription that was closed from the next one', async () => {
    const { hub, client } = await connected();
    const [old, young] = [watcher(), watcher()];
    const first = client.subscribe(topic, { from: 'latest' }, old);
    await settle();
    hub.answer = undefined;
    first.close();
    await settle();
    client.subscribe(topic, { from: 'cursor', cursor: 'c0' }, young);
    hub.now.send('Events', { topic, cursor: 'c9', events: [event(9)] }); // still the old one's
    hub.answer = subscribed();
    hub.now.invocations.at(-1)!.resolve({ ok: true, value: {} });
    await settle();
    hub.now.send('Events', { topic, cursor: 'c1', events: [event(1)] });
    expect(old.seqs).toEqual([]);
    expect(young.seqs).toEqual([1]);
  });
});

describe('SubscriptionChanged', () => {
  it('ends a revoked subscription', async () => {
    const { hub, client } = await connected();
    const w = watcher();
    client.subscribe(topic, { from: 'latest' }, w);
    await settle();
    hub.now.send('SubscriptionChanged', { topic, ref: hub.now.requests()[0]!.ref, status: 'revoked', reason: 'You were removed.' });
    expect(w.changes.at(-1)).toEqual({ status: 'revoked', reason: 'You were removed.' });
    await reconnect(hub);
    expect(hub.now.requests()).toEqual([]);
  });

  it('tells behind and live, and skips what comes between reset and its snapshot', async () => {
    const { hub, client } = await connected();
    const w = watcher();
    client.subscribe(topic, { from: 'latest' }, w);
    await settle();
    const { ref } = hub.now.requests()[0]!;
    hub.now.send('SubscriptionChanged', { topic, ref, status: 'behind' });
    hub.now.send('SubscriptionChanged', { topic, ref, status: 'live' });
    hub.now.send('SubscriptionChanged', { topic, ref, status: 'reset' });
    hub.now.send('Events', { topic, cursor: 'c9', events: [event(9)] });
    hub.now.send('Snapshot', { topic, ref, cursor: 'n1', state: { seq: 1 } });
    hub.now.send('Events', { topic, cursor: 'n2', events: [event(2)] });
    expect(w.statuses()).toEqual(['ok', 'behind', 'live', 'reset']);
    expect(w.seqs).toEqual([2]);
  });
});
