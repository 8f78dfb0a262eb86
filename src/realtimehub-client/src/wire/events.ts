import type { JsonObject } from './json.js';

/** Who acts, or who is meant. */
export interface Subject {
  readonly kind: 'user' | 'agent' | 'device' | 'role' | 'system';
  readonly id: string;
}

/** An event as the server delivers it. Members of `data` that this version does not know are kept. */
export interface HubEvent {
  /** Strictly increasing inside a topic, not contiguous. */
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly actor: Subject;
  readonly runId?: string | null;
  readonly traceparent?: string | null;
  /** Set on a copy: where the event lives. */
  readonly origin?: { readonly topic: string; readonly seq: number } | null;
  readonly data: JsonObject;
}

/** Server to client: a topic's state, and the position that it is the state at. */
export interface SnapshotMessage<TState = JsonObject> {
  readonly topic: string;
  readonly ref?: string | null;
  readonly state: TState;
  readonly cursor: string;
}

/** Server to client: events in order; `cursor` is the position after the last one. */
export interface EventsMessage {
  readonly topic: string;
  readonly cursor: string;
  readonly events: readonly HubEvent[];
}

/** Server to client: something happened to a subscription itself. */
export interface SubscriptionChangedMessage {
  readonly topic: string;
  readonly ref?: string | null;
  readonly status: 'revoked' | 'replaced' | 'reset' | 'behind' | 'live';
  readonly reason?: string | null;
}

export type PresenceState = 'active' | 'away' | 'typing' | 'offline';

/** How somebody is there. Of two changes of one subject in one place the one with the later `since` stands. */
export interface PresenceItem {
  readonly subject: Subject;
  readonly state: PresenceState;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** Server to client: who is there in another way than before; without `topic` in the tenant as a whole. May be lost. */
export interface PresenceChangedMessage {
  readonly topic?: string | null;
  readonly changes: readonly PresenceItem[];
}

/** Server to client: the server is about to end the connection. */
export interface ClosingMessage {
  readonly code: 'draining' | 'token_expired' | 'revoked' | 'slow_consumer' | 'limit';
  readonly reason: string;
  readonly reconnect: boolean;
  readonly afterMs: number;
}
