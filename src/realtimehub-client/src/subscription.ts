import type { EventsMessage, HubEvent, SnapshotMessage, SubscriptionChangedMessage } from './wire/events.js';
import type { ReplyError } from './wire/replies.js';
import type { SubscribeFrom, SubscriptionOutcome, SubscriptionRequest } from './wire/requests.js';

/** What happened to a subscription: how it began or went on (an outcome), what the server said later, or `failed`. */
export interface SubscriptionChange {
  readonly status: SubscriptionOutcome['status'] | SubscriptionChangedMessage['status'] | 'failed';
  readonly reason?: string;
  /** With `failed`. */
  readonly error?: ReplyError;
}

export interface SubscriptionHandlers<TState = unknown> {
  /** The state as of now: forget what was there before and go on from it. */
  onSnapshot?(state: TState, message: SnapshotMessage<TState>): void;
  /** New events in order: each once, without a gap. */
  onEvents?(events: readonly HubEvent[], cursor: string): void;
  onChanged?(change: SubscriptionChange): void;
}

export interface SubscribeOptions {
  readonly from: SubscribeFrom;
  /** With `from: 'cursor'`. */
  readonly cursor?: string;
}

/**
 * One subscription of one topic, as far as it can be known without a connection: where it stands, what it has already
 * seen, and what it would ask for on a new connection.
 */
export class TopicSubscription {
  /** `waiting`: to be asked for on this connection. `asked`: it has been. `leaving`: the owner has closed it. `ended`: nothing follows. */
  phase: 'waiting' | 'asked' | 'leaving' | 'ended' = 'waiting';
  ref = '';
  cursor: string | undefined;
  private lastSeq = -1;
  private awaitsSnapshot = false;
  /** Whether a snapshot or events came on this connection; an outcome that arrives after them says nothing new. */
  private positioned = false;

  constructor(
    readonly topic: string,
    private readonly options: SubscribeOptions,
    private readonly handlers: SubscriptionHandlers<never>,
    private readonly reportError: (error: unknown) => void,
  ) {
    this.cursor = options.from === 'cursor' ? options.cursor : undefined;
  }

  /** What to ask for: what was asked at first, or what follows the last thing seen. */
  request(ref: string): SubscriptionRequest {
    this.ref = ref;
    this.phase = 'asked';
    this.positioned = false;
    if (this.cursor !== undefined) {
      this.awaitsSnapshot = false;
      return { topic: this.topic, from: 'cursor', cursor: this.cursor, ref };
    }
    this.awaitsSnapshot = this.options.from === 'snapshot';
    return { topic: this.topic, from: this.options.from, ref };
  }

  takeSnapshot(message: SnapshotMessage<{ seq?: number }>): void {
    this.awaitsSnapshot = false;
    this.positioned = true;
    this.cursor = message.cursor;
    // A log that was restored may have gone back: the snapshot's position holds, whatever was seen before.
    this.lastSeq = message.state.seq ?? -1;
    this.tell(() => this.handlers.onSnapshot?.(message.state as never, message as never));
  }

  takeEvents(message: EventsMessage): void {
    if (this.awaitsSnapshot) {
      return;
    }
    this.positioned = true;
    this.cursor = message.cursor;
    const fresh: HubEvent[] = [];
    for (const event of message.events) {
      if (event.seq > this.lastSeq) {
        this.lastSeq = event.seq;
        fresh.push(event);
      }
    }
    if (fresh.length > 0) {
      this.tell(() => this.handlers.onEvents?.(fresh, message.cursor));
    }
  }

  takeOutcome(outcome: SubscriptionOutcome): void {
    if (!this.positioned) {
      if (outcome.status === 'reset' || outcome.status === 'expired') {
        this.awaitsSnapshot = true;
      } else if (outcome.cursor && !this.awaitsSnapshot) {
        this.cursor = outcome.cursor;
      }
    }
    this.change({ status: outcome.status });
  }

  takeChange(message: SubscriptionChangedMessage): void {
    if (message.status === 'reset') {
      this.awaitsSnapshot = true;
    }
    this.change({ status: message.status, reason: message.reason ?? undefined });
  }

  change(change: SubscriptionChange): void {
    this.tell(() => this.handlers.onChanged?.(change));
  }

  /** A handler that throws must not cost the others their events. */
  private tell(call: () => void): void {
    if (this.phase === 'leaving') {
      return;
    }
    try {
      call();
    } catch (error) {
      this.reportError(error);
    }
  }
}
