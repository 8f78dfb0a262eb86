import { backoffDelay, type BackoffOptions } from './backoff.js';
import type { ReconnectingConnection } from './connection.js';
import { TopicSubscription, type SubscribeOptions, type SubscriptionHandlers } from './subscription.js';
import type { EventsMessage, SnapshotMessage, SubscriptionChangedMessage } from './wire/events.js';
import type { Reply, ReplyError } from './wire/replies.js';
import type { SubscriptionOutcome } from './wire/requests.js';

/** A handle on one subscription. */
export interface Subscription {
  readonly topic: string;
  /** The position after the last thing seen; give it to `from: 'cursor'` to go on from there another day. */
  readonly cursor: string | undefined;
  /** Stops it; no handler is called afterwards. */
  close(): void;
}

/** As many as a connection may hold. */
const maxPerRequest = 256;

function isTransient(error: ReplyError): boolean {
  return error.code === 'rate_limited' || error.code === 'unavailable' || error.code === 'internal';
}

/**
 * The subscriptions of a client, over all its connections. Per topic there is a chain: a subscription, and those that
 * are to replace it. Events carry no `ref`, so they belong to the oldest of the chain until the fence (`replaced`, or a
 * snapshot with the newer one's `ref`) has passed.
 */
export class Subscriptions {
  private readonly chains = new Map<string, TopicSubscription[]>();
  private pumping = -1;
  private refs = 0;

  constructor(
    private readonly connection: ReconnectingConnection,
    private readonly reportError: (error: unknown) => void,
    private readonly backoff?: BackoffOptions,
  ) {
    connection.on<SnapshotMessage<{ seq?: number }>>('Snapshot', (message) => this.onSnapshot(message));
    connection.on<EventsMessage>('Events', (message) => this.chains.get(message.topic)?.[0]?.takeEvents(message));
    connection.on<SubscriptionChangedMessage>('SubscriptionChanged', (message) => this.onChanged(message));
    connection.onState((state) => {
      if (state.status === 'connected') {
        this.startAfresh();
      }
    });
  }

  /** Watches a topic; one that is watched already gets this subscription in place of the old one. */
  add<TState>(topic: string, options: SubscribeOptions, handlers: SubscriptionHandlers<TState>): Subscription {
    const entry = new TopicSubscription(topic, options, handlers as SubscriptionHandlers<never>, this.reportError);
    const chain = this.chains.get(topic) ?? [];
    this.chains.set(topic, chain);
    // Those that were never asked for need no fence.
    for (const old of chain.filter((e) => e.phase === 'waiting')) {
      this.remove(old);
      old.change({ status: 'replaced' });
    }
    this.chains.set(topic, chain);
    chain.push(entry);
    // Calls made in one go share a request.
    queueMicrotask(() => void this.pump());
    return {
      topic,
      get cursor() { return entry.cursor; },
      close: () => this.leave(entry),
    };
  }

  private leave(entry: TopicSubscription): void {
    if (entry.phase === 'waiting') {
      this.remove(entry);
      // It was to replace this one, which has no owner any more.
      const replaced = this.chains.get(entry.topic)?.at(-1);
      if (replaced) {
        replaced.change({ status: 'replaced' });
        this.leave(replaced);
      }
    } else if (entry.phase === 'asked') {
      entry.phase = 'leaving';
      queueMicrotask(() => void this.pump());
    }
  }

  /** On a new connection nothing is subscribed and no fence is needed: only the newest of each chain is left. */
  private startAfresh(): void {
    for (const [topic, chain] of [...this.chains]) {
      const newest = chain.at(-1);
      if (!newest || newest.phase === 'leaving' || newest.phase === 'ended') {
        this.chains.delete(topic);
      } else {
        newest.phase = 'waiting';
        this.chains.set(topic, [newest]);
      }
    }
    void this.pump();
  }

  /** One request at a time, so that outcomes come in the order of the requests. */
  private async pump(): Promise<void> {
    const { generation } = this.connection;
    const here = () => this.connection.generation === generation && this.connection.state.status === 'connected';
    if (this.pumping === generation || !here()) {
      return;
    }
    this.pumping = generation;
    try {
      let limit = maxPerRequest;
      for (let failures = 0; here();) {
        const error = await this.step(limit, here);
        if (error === 'idle') {
          return;
        }
        failures = error ? failures + 1 : 0;
        if (error && !isTransient(error)) {
          // A single bad cursor refuses the whole request: ask for each by itself to find it.
          limit = 1;
        } else if (error && here()) {
          const delay = error.retryAfterMs ?? backoffDelay(failures, this.backoff);
          await new Promise((resolve) => setTimeout(resolve, delay));
        }
      }
    } catch (error) {
      this.reportError(error);
    } finally {
      if (this.pumping === generation) {
        this.pumping = -1;
      }
    }
  }

  /** Sends the next request; says `idle` when there is none, or what is worth trying again. */
  private async step(limit: number, here: () => boolean): Promise<ReplyError | 'idle' | undefined> {
    const newest = [...this.chains.values()].map((chain) => chain.at(-1)!);
    // One that is being replaced needs no Unsubscribe.
    const leaving = newest.filter((entry) => entry.phase === 'leaving').slice(0, limit);
    if (leaving.length > 0) {
      const reply = await this.call<unknown>('Unsubscribe', { topics: leaving.map((entry) => entry.topic) });
      if (!reply.ok && isTransient(reply.error)) {
        return reply.error;
      }
      if (here()) {
        leaving.forEach((entry) => this.removeUpTo(entry));
      }
      return undefined;
    }

    const waiting = newest.filter((entry) => entry.phase === 'waiting').slice(0, limit);
    if (waiting.length === 0) {
      return 'idle';
    }
    const requests = waiting.map((entry) => entry.request((++this.refs).toString(36)));
    const reply = await this.call<{ subscriptions: SubscriptionOutcome[] }>('Subscribe', { subscriptions: requests });
    if (!here()) {
      return undefined;
    }
    if (reply.ok) {
      waiting.forEach((entry, i) => this.onOutcome(entry, reply.value.subscriptions, requests[i]!.ref));
      return undefined;
    }
    return this.onRefused(waiting, reply.error);
  }

  private onOutcome(entry: TopicSubscription, outcomes: readonly SubscriptionOutcome[], ref: string): void {
    const outcome = outcomes.find((o) => o.ref === ref) ?? outcomes.find((o) => o.topic === entry.topic);
    if (!outcome) {
      return;
    }
    entry.takeOutcome(outcome);
    if (outcome.status === 'not_found' || outcome.status === 'forbidden' || outcome.status === 'limit') {
      this.remove(entry);
    }
  }

  private onRefused(waiting: readonly TopicSubscription[], error: ReplyError): ReplyError | undefined {
    if (isTransient(error) || waiting.length > 1) {
      for (const entry of waiting) {
        entry.phase = entry.phase === 'asked' ? 'waiting' : entry.phase;
      }
      return error;
    }
    for (const entry of waiting) {
      entry.change({ status: 'failed', error });
      this.remove(entry);
    }
    return undefined;
  }

  private async call<T>(method: string, request: unknown): Promise<Reply<T>> {
    try {
      return (await this.connection.invoke(method, request)) as Reply<T>;
    } catch (error) {
      return { ok: false, error: { code: 'unavailable', message: error instanceof Error ? error.message : String(error) } };
    }
  }

  private onSnapshot(message: SnapshotMessage<{ seq?: number }>): void {
    if (message.ref) {
      this.passFence(message.topic, message.ref);
    }
    const entry = this.chains.get(message.topic)?.[0];
    if (entry && (!message.ref || entry.ref === message.ref)) {
      entry.takeSnapshot(message);
    }
  }

  private onChanged(message: SubscriptionChangedMessage): void {
    if (message.status === 'replaced' && message.ref) {
      this.passFence(message.topic, message.ref);
      return;
    }
    const chain = this.chains.get(message.topic) ?? [];
    const entry = message.ref ? chain.find((e) => e.ref === message.ref) : chain[0];
    if (!entry) {
      return;
    }
    entry.takeChange(message);
    if (message.status === 'revoked') {
      this.remove(entry);
    }
  }

  private passFence(topic: string, ref: string): void {
    const chain = this.chains.get(topic);
    const index = chain?.findIndex((entry) => entry.ref === ref) ?? -1;
    for (const old of chain?.splice(0, Math.max(0, index)) ?? []) {
      old.change({ status: 'replaced' });
      old.phase = 'ended';
    }
  }

  /** What came before an unsubscribed one in its chain is gone on the server as well. */
  private removeUpTo(entry: TopicSubscription): void {
    const chain = this.chains.get(entry.topic) ?? [];
    chain.slice(0, chain.indexOf(entry) + 1).forEach((e) => this.remove(e));
  }

  private remove(entry: TopicSubscription): void {
    entry.phase = 'ended';
    const chain = this.chains.get(entry.topic);
    const index = chain?.indexOf(entry) ?? -1;
    if (chain && index >= 0) {
      chain.splice(index, 1);
      if (chain.length === 0) {
        this.chains.delete(entry.topic);
      }
    }
  }
}
