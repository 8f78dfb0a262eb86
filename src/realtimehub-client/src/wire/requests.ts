import type { PresenceState, Subject } from './events.js';
import type { Json } from './json.js';
import type { Participant } from './state.js';

/** Every command may carry a key; the client makes one when it is left out. */
export interface Keyed {
  readonly idempotencyKey?: string;
}

export interface CreateConversation extends Keyed {
  readonly id?: string;
  readonly title: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly participants?: readonly Participant[];
}

/** What is absent stays as it is; labels are all of them from now on. */
export interface UpdateConversation extends Keyed {
  readonly conversationId: string;
  readonly title?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ArchiveConversation extends Keyed {
  readonly conversationId: string;
}

export interface AddParticipant extends Keyed {
  readonly conversationId: string;
  readonly participant: Participant;
}

export interface RemoveParticipant extends Keyed {
  readonly conversationId: string;
  readonly participant: Participant;
}

export interface SendMessage extends Keyed {
  readonly conversationId: string;
  readonly text: string;
  readonly artifactIds?: readonly string[];
  readonly replyTo?: string;
}

export interface AccessGrant {
  readonly subject: Subject;
  readonly permission: 'view' | 'operate' | 'own';
}

export interface RegisterAgent extends Keyed {
  readonly agentId: string;
  readonly name: string;
  readonly description?: string;
  readonly capabilities?: readonly string[];
  readonly grants?: readonly AccessGrant[];
}

/** What is absent stays as it is; lists are all of them from now on. */
export interface UpdateAgent extends Keyed {
  readonly agentId: string;
  readonly name?: string;
  readonly description?: string;
  readonly capabilities?: readonly string[];
  readonly grants?: readonly AccessGrant[];
}

/** Of an agent or a process. */
export interface AccessChange extends Keyed {
  readonly topic: string;
  readonly subject: Subject;
  readonly permission: AccessGrant['permission'];
}

/** Of a user or a device. */
export interface RevokeSessions extends Keyed {
  readonly subject: Subject;
}

/** In a topic; without one in the tenant as a whole. */
export interface SetPresence extends Keyed {
  readonly topic?: string;
  readonly state: PresenceState;
}

export interface StartRun extends Keyed {
  readonly agentId: string;
  readonly conversationId?: string;
  readonly processId?: string;
  readonly stepId?: string;
  readonly input: Json;
  readonly timeoutSeconds?: number;
}

export interface SteerRun extends Keyed {
  readonly topic: string;
  readonly runId: string;
  readonly instruction: string;
}

export interface CancelRun extends Keyed {
  readonly topic: string;
  readonly runId: string;
  readonly reason?: string;
}

/** Where a subscription begins. */
export type SubscribeFrom = 'latest' | 'earliest' | 'snapshot' | 'cursor';

export interface SubscriptionRequest {
  readonly topic: string;
  readonly from: SubscribeFrom;
  readonly cursor?: string;
  readonly ref: string;
}

export interface SubscriptionOutcome {
  readonly topic: string;
  readonly ref?: string | null;
  readonly status: 'ok' | 'resumed' | 'reset' | 'expired' | 'not_found' | 'forbidden' | 'limit';
  readonly cursor?: string | null;
}

/** Each command of OperatorHub that has a typed method here: its request and what it answers. */
export interface CommandMap {
  CreateConversation: { request: CreateConversation; value: { readonly conversationId: string } };
  UpdateConversation: { request: UpdateConversation; value: Record<string, never> };
  ArchiveConversation: { request: ArchiveConversation; value: Record<string, never> };
  AddParticipant: { request: AddParticipant; value: Record<string, never> };
  RemoveParticipant: { request: RemoveParticipant; value: Record<string, never> };
  SendMessage: { request: SendMessage; value: { readonly messageId: string } };
  RegisterAgent: { request: RegisterAgent; value: { readonly agentId: string } };
  UpdateAgent: { request: UpdateAgent; value: Record<string, never> };
  GrantAccess: { request: AccessChange; value: Record<string, never> };
  RevokeAccess: { request: AccessChange; value: Record<string, never> };
  RevokeSessions: { request: RevokeSessions; value: Record<string, never> };
  SetPresence: { request: SetPresence; value: Record<string, never> };
  StartRun: { request: StartRun; value: { readonly runId: string; readonly topic: string } };
  SteerRun: { request: SteerRun; value: Record<string, never> };
  CancelRun: { request: CancelRun; value: Record<string, never> };
}
