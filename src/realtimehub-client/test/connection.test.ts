import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffDelay } from '../src/backoff.js';
import { ReconnectingConnection, type ConnectionState } from '../src/connection.js';
import { FakeHub, settle } from './fakeHub.js';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

describe('backoffDelay', () => {
  it('spreads over the whole range up to a bound that doubles', () => {
    const options = { baseMs: 100, maxMs: 1_000 };
    expect([0, 1, 2, 3, 4, 50].map((attempt) => backoffDelay(attempt, { ...options, random: () => 0.999 })))
      .toEqual([99, 199, 399, 799, 999, 999]);
    expect(backoffDelay(7, { ...options, random: () => 0 })).toBe(0);
  });

  it('is different for two clients', () => {
    const delays = new Set(Array.from({ length: 50 }, () => backoffDelay(10)));
    expect(delays.size).toBeGreaterThan(40);
  });
});

describe('ReconnectingConnection', () => {
  function connect(random = () => 0.5) {
    const hub = new FakeHub();
    const connection = new ReconnectingConnection(hub.open, { backoff: { baseMs: 1_000, maxMs: 8_000, random }, openTimeoutMs: 5_000 });
    const states: ConnectionState[] = [];
    connection.onState((state) => states.push(state));
    return { hub, connection, states };
  }

  it('keeps trying when it cannot be opened, far beyond four times', async () => {
    const { hub, connection } = connect();
    hub.refuse = new Error('connect ECONNREFUSED');
    let started = false;
    void connection.start().then(() => { started = true; });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hub.connections.length).toBeGreaterThan(10);
    expect(connection.state).toMatchObject({ status: 'connecting', reason: { code: 'refused', message: 'connect ECONNREFUSED' } });
    expect(started).toBe(false);

    hub.refuse = undefined;
    await vi.advanceTimersByTimeAsync(8_000);
    expect(connection.state.status).toBe('connected');
    expect(started).toBe(true);
  });

  it('connects again after a loss, waiting a random part of a bound that grows with each failure', async () => {
    const { hub, connection } = connect();
    await connection.start();
    await vi.advanceTimersByTimeAsync(10_000);
    hub.refuse = new Error('refused');
    hub.now.drop();
    await settle();
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const state = connection.state;
      expect(state.status).toBe('reconnecting');
      waits.push('retryAt' in state ? state.retryAt! - Date.now() : -1);
      await vi.advanceTimersByTimeAsync(waits.at(-1)!);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 4_000]);
  });

  it('does not start over with short delays while connections break at once', async () => {
    const { hub, connection } = connect(() => 0.999);
    await connection.start();
    for (let i = 0; i < 4; i++) {
      hub.now.drop();
      await settle();
      await vi.advanceTimersByTimeAsync((connection.state as { retryAt: number }).retryAt - Date.now());
      expect(connection.state.status).toBe('connected');
    }
    hub.now.drop();
    await settle();
    expect((connection.state as { retryAt: number }).retryAt - Date.now()).toBeGreaterThan(7_000);
  });

  it('waits exactly as long as Closing says, and says why', async () => {
    const { hub, connection } = connect();
    await connection.start();
    hub.now.send('Closing', { code: 'draining', reason: 'The server is going away.', reconnect: true, afterMs: 3_456 });
    hub.now.drop();
    await settle();
    expect(connection.state).toMatchObject({
      status: 'reconnecting', retryAt: Date.now() + 3_456, reason: { code: 'draining', message: 'The server is going away.' },
    });
    await vi.advanceTimersByTimeAsync(3_455);
    expect(hub.connections).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(hub.connections).toHaveLength(2);
    expect(connection.state.status).toBe('connected');
  });

  it('stays closed when Closing forbids to come back, until it is started again', async () => {
    const { hub, connection } = connect();
    await connection.start();
    hub.now.send('Closing', { code: 'revoked', reason: 'Signed out.', reconnect: false, afterMs: 0 });
    hub.now.drop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(hub.connections).toHaveLength(1);
    expect(connection.state).toEqual({ status: 'closed', reason: { code: 'revoked', message: 'Signed out.' } });

    await connection.start();
    expect(connection.state.status).toBe('connected');
  });

  it('gives up an attempt that hangs', async () => {
    const { hub, connection } = connect();
    hub.hang = true;
    void connection.start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(hub.connections[0]!.stopped).toBe(true);
    hub.hang = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(connection.state.status).toBe('connected');
  });

  it('tells the token factory when the server refused the token, and forgets it once it is accepted', async () => {
    const { hub, connection } = connect();
    hub.refuse = new Error("Failed to complete negotiation with the server: Error: Unauthorized: Status code '401'");
    void connection.start();
    await vi.advanceTimersByTimeAsync(500);
    expect(hub.connections.map((c) => c.attempt.rejected)).toEqual([false, true]);
    expect(connection.state).toMatchObject({ reason: { code: 'unauthenticated' } });
    hub.refuse = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    hub.now.drop();
    await vi.advanceTimersByTimeAsync(8_000);
    expect(hub.now.attempt.rejected).toBe(false);
  });

  it('tries at once when asked to', async () => {
    const { hub, connection } = connect();
    await connection.start();
    hub.now.send('Closing', { code: 'draining', reason: '', reconnect: true, afterMs: 60_000 });
    hub.now.drop();
    await settle();
    connection.reconnectNow();
    await settle();
    expect(connection.state.status).toBe('connected');
  });

  it('hears nothing more from a connection that it has left', async () => {
    const { hub, connection } = connect();
    const heard: unknown[] = [];
    connection.on('Events', (message) => heard.push(message));
    await connection.start();
    const old = hub.now;
    old.drop();
    await vi.advanceTimersByTimeAsync(1_000);
    old.send('Events', 'late');
    hub.now.send('Events', 'new');
    expect(heard).toEqual(['new']);
  });

  it('stops for good', async () => {
    const { hub, connection, states } = connect();
    hub.refuse = new Error('refused');
    const started = connection.start();
    started.catch(() => undefined);
    await settle();
    await connection.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hub.connections).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ status: 'closed', reason: { code: 'stopped' } });
    await expect(started).rejects.toThrow('stopped');
  });
});
