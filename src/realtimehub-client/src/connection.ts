import { backoffDelay, type BackoffOptions } from './backoff.js';
import type { ClosingMessage } from './wire/events.js';

/** What this package uses of SignalR's `HubConnection`. */
export interface HubTransport {
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  on(method: string, handler: (message: never) => void): void;
  onclose(handler: (error?: Error) => void): void;
}

/** Makes a connection that has not been started. `rejected`: the server refused the last token. */
export type TransportFactory = (attempt: { readonly rejected: boolean }) => HubTransport;

/** Why the connection is not there. */
export interface ConnectionReason {
  /** The server's `Closing` code, or `lost`, `refused` (it could not be opened), `unauthenticated`, `stopped`. */
  readonly code: ClosingMessage['code'] | 'lost' | 'refused' | 'unauthenticated' | 'stopped';
  readonly message: string;
}

/**
 * `connecting` until the first connection; `reconnecting` after a loss, with the time of the next try while it waits;
 * `closed` is final until `start` is called again.
 */
export type ConnectionState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting' | 'reconnecting'; readonly attempt: number; readonly retryAt?: number; readonly reason?: ConnectionReason }
  | { readonly status: 'connected' }
  | { readonly status: 'closed'; readonly reason: ConnectionReason };

export interface ConnectionOptions {
  readonly backoff?: BackoffOptions;
  /** A connection that does not open within this time is given up and tried again. */
  readonly openTimeoutMs?: number;
}

/** A connection that has lasted this long starts again with the shortest delay when it is lost. */
const stableAfterMs = 5_000;

/**
 * Keeps one hub connection open for ever: each try is a new SignalR connection, so that a refused start, a killed
 * server and a lost network are one case. Ends only by `stop` or when the server says not to come back.
 */
export class ReconnectingConnection {
  private current: HubTransport | undefined;
  private currentState: ConnectionState = { status: 'idle' };
  private closing: ClosingMessage | undefined;
  private rejected = false;
  private running: { stopped: boolean; wake?: () => void } | undefined;
  private readonly stateListeners = new Set<(state: ConnectionState) => void>();
  private readonly handlers: [string, (message: never) => void][] = [];

  constructor(
    private readonly open: TransportFactory,
    private readonly options: ConnectionOptions = {},
  ) {}

  get state(): ConnectionState {
    return this.currentState;
  }

  /** Counts connections; what was said on an earlier one does not hold on a later one. */
  generation = 0;

  /** Handles a server-to-client message on this and every later connection. Call before `start`. */
  on<T>(method: string, handler: (message: T) => void): void {
    this.handlers.push([method, handler as (message: never) => void]);
  }

  /** Tells every change of state; returns how to stop listening. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  /** Begins to connect, and keeps trying. Resolves at the first connection; rejects when it is closed before that. */
  async start(): Promise<void> {
    if (!this.running) {
      const run = { stopped: false };
      this.running = run;
      void this.keepOpen(run);
    }
    const state = await this.until((s) => s.status === 'connected' || s.status === 'closed');
    if (state.status === 'closed') {
      throw new Error(state.reason.message);
    }
  }

  async stop(): Promise<void> {
    const run = this.running;
    if (!run) {
      return;
    }
    run.stopped = true;
    this.running = undefined;
    run.wake?.();
    const connection = this.current;
    this.current = undefined;
    this.set({ status: 'closed', reason: { code: 'stopped', message: 'The connection was stopped.' } });
    await connection?.stop().catch(() => undefined);
  }

  /** Tries at once instead of waiting; for example when the browser says that the network is back. */
  reconnectNow(): void {
    this.running?.wake?.();
  }

  invoke(method: string, ...args: unknown[]): Promise<unknown> {
    if (!this.current || this.currentState.status !== 'connected') {
      return Promise.reject(new Error('There is no connection.'));
    }
    return this.current.invoke(method, ...args);
  }

  /** Resolves with the first state that fits, which may be the present one. */
  until(fits: (state: ConnectionState) => boolean): Promise<ConnectionState> {
    if (fits(this.currentState)) {
      return Promise.resolve(this.currentState);
    }
    return new Promise((resolve) => {
      const stop = this.onState((state) => {
        if (fits(state)) {
          stop();
          resolve(state);
        }
      });
    });
  }

  private async keepOpen(run: { stopped: boolean; wake?: () => void }): Promise<void> {
    let status: 'connecting' | 'reconnecting' = 'connecting';
    for (let attempt = 0; !run.stopped; attempt++) {
      this.closing = undefined;
      this.set({ status, attempt, reason: this.lastReason() });
      const opened = await this.openOnce(run);
      if (run.stopped) {
        return;
      }
      if (!('error' in opened)) {
        status = 'reconnecting';
        this.rejected = false;
        const openedAt = Date.now();
        this.generation++;
        this.set({ status: 'connected' });
        await opened.closed;
        if (run.stopped) {
          return;
        }
        if (Date.now() - openedAt >= stableAfterMs) {
          attempt = 0;
        }
      }
      this.current = undefined;

      // The handler of `Closing` may have run meanwhile, which the compiler cannot see.
      const closing = this.closing as ClosingMessage | undefined;
      const reason = this.reasonOf(closing, 'error' in opened ? opened.error : undefined);
      if (closing && !closing.reconnect) {
        this.running = undefined;
        this.set({ status: 'closed', reason });
        return;
      }
      // The server has already spread its clients over time when it says how long to wait.
      const delay = closing ? Math.max(0, closing.afterMs) : backoffDelay(attempt, this.options.backoff);
      this.set({ status, attempt: attempt + 1, retryAt: Date.now() + delay, reason });
      await this.pause(run, delay);
    }
  }

  private async openOnce(run: { stopped: boolean }): Promise<{ closed: Promise<void> } | { error: unknown }> {
    let connection: HubTransport | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      connection = this.open({ rejected: this.rejected });
      const closed = this.attach(connection);
      this.current = connection;
      const starting = connection.start();
      const late = new Promise<never>((_, reject) => {
        const ms = this.options.openTimeoutMs ?? 15_000;
        timer = setTimeout(() => reject(new Error(`The connection did not open within ${ms} ms.`)), ms);
      });
      await Promise.race([starting, late]);
      if (run.stopped) {
        void connection.stop().catch(() => undefined);
      }
      return { closed };
    } catch (error) {
      // A start that is only late would otherwise open a second connection behind our back.
      void connection?.stop().catch(() => undefined);
      return { error };
    } finally {
      clearTimeout(timer);
    }
  }

  private attach(connection: HubTransport): Promise<void> {
    const guard = <T>(handler: (message: T) => void) => (message: T) => {
      if (this.current === connection) {
        handler(message);
      }
    };
    connection.on('Closing', guard((message: ClosingMessage) => { this.closing = message; }) as (message: never) => void);
    for (const [method, handler] of this.handlers) {
      connection.on(method, guard(handler) as (message: never) => void);
    }
    return new Promise((resolve) => connection.onclose(() => resolve()));
  }

  private reasonOf(closing: ClosingMessage | undefined, error: unknown): ConnectionReason {
    if (closing) {
      return { code: closing.code, message: closing.reason };
    }
    if (error === undefined) {
      return { code: 'lost', message: 'The connection was lost.' };
    }
    const message = error instanceof Error ? error.message : String(error);
    // SignalR keeps the status of a refused negotiate only in its message.
    this.rejected = /\b401\b/.test(message);
    return { code: this.rejected ? 'unauthenticated' : 'refused', message };
  }

  private lastReason(): ConnectionReason | undefined {
    return 'reason' in this.currentState && this.currentState.status !== 'closed' ? this.currentState.reason : undefined;
  }

  private pause(run: { wake?: () => void }, ms: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      run.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).then(() => { run.wake = undefined; });
  }

  private set(state: ConnectionState): void {
    this.currentState = state;
    for (const listener of [...this.stateListeners]) {
      listener(state);
    }
  }
}
