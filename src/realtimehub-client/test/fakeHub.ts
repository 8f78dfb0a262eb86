import type { HubTransport, TransportFactory } from '../src/connection.js';
import type { HubEvent } from '../src/wire/events.js';
import type { SubscriptionOutcome, SubscriptionRequest } from '../src/wire/requests.js';

/** One connection of the fake server; the test plays the server's part. */
export class FakeConnection implements HubTransport {
  readonly invocations: { method: string; request: any; resolve: (reply: unknown) => void; reject: (error: Error) => void }[] = [];
  stopped = false;
  private readonly handlers = new Map<string, ((message: never) => void)[]>();
  private readonly closeHandlers: ((error?: Error) => void)[] = [];
  private startError: Error | undefined;
  private starting: Promise<void> | undefined;

  constructor(readonly attempt: { rejected: boolean }, private readonly server: FakeHub) {}

  start(): Promise<void> {
    this.startError = this.server.refuse;
    this.starting = this.server.hang ? new Promise(() => undefined) : this.startError ? Promise.reject(this.startError) : Promise.resolve();
    return this.starting;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.drop();
  }

  invoke(method: string, request: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.invocations.push({ method, request, resolve, reject });
      const answer = this.server.answer?.(method, request);
      if (answer !== undefined) {
        resolve(answer);
      }
    });
  }

  on(method: string, handler: (message: never) => void): void {
    this.handlers.set(method, [...(this.handlers.get(method) ?? []), handler]);
  }

  onclose(handler: (error?: Error) => void): void {
    this.closeHandlers.push(handler);
  }

  /** Server to client. */
  send(method: string, message: unknown): void {
    this.handlers.get(method)?.forEach((handler) => handler(message as never));
  }

  /** As SignalR does it: invocations fail, then it says that it is closed. */
  drop(): void {
    this.invocations.forEach((i) => i.reject(new Error('Invocation canceled due to the underlying connection being closed.')));
    this.closeHandlers.forEach((handler) => handler());
  }

  last(method: string): any {
    return this.invocations.filter((i) => i.method === method).at(-1)?.request;
  }

  requests(): SubscriptionRequest[] {
    return this.invocations.filter((i) => i.method === 'Subscribe').flatMap((i) => i.request.subscriptions);
  }
}

export class FakeHub {
  readonly connections: FakeConnection[] = [];
  refuse: Error | undefined;
  hang = false;
  /** What the server answers at once; undefined: the test answers by hand. */
  answer: ((method: string, request: any) => unknown) | undefined = subscribed();

  readonly open: TransportFactory = (attempt) => {
    const connection = new FakeConnection(attempt, this);
    this.connections.push(connection);
    return connection;
  };

  get now(): FakeConnection {
    return this.connections.at(-1)!;
  }
}

/** Answers subscriptions with a status, by topic or for all. */
export function subscribed(status: Partial<Record<string, SubscriptionOutcome['status']>> = {}, cursor = 'start') {
  return (method: string, request: any): unknown => {
    if (method === 'Subscribe') {
      const subscriptions = request.subscriptions.map((s: SubscriptionRequest) => ({
        topic: s.topic, ref: s.ref, status: status[s.topic] ?? (s.from === 'cursor' ? 'resumed' : 'ok'), cursor,
      }));
      return { ok: true, value: { subscriptions } };
    }
    return method === 'Unsubscribe' ? { ok: true, value: {} } : undefined;
  };
}

export function event(seq: number, type = 'custom.tick', data: object = {}, runId?: string): HubEvent {
  return {
    seq, id: `e${seq}`, type, time: new Date(1_700_000_000_000 + seq * 1000).toISOString(),
    actor: { kind: 'agent', id: 'writer' }, runId, data: data as HubEvent['data'],
  };
}

/** Lets promises that can go on do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await Promise.resolve();
  }
}
