import type { AccessGrant } from './requests.js';
import type { Subject } from './events.js';
import type { Json } from './json.js';

/** Somebody who is in a conversation. A participant of kind `role` stands for everyone who holds the role. */
export interface Participant {
  readonly kind: Subject['kind'];
  readonly id: string;
  readonly role?: 'owner' | 'member' | 'observer';
  readonly displayName?: string;
}

export interface Message {
  readonly messageId: string;
  readonly role: 'user' | 'assistant' | 'system';
  readonly text: string;
  readonly actor: Subject;
  readonly time: string;
  readonly status: 'open' | 'completed' | 'incomplete';
  readonly runId?: string;
  readonly artifactIds?: readonly string[];
  readonly replyTo?: string;
  /** The server cut the text to keep the snapshot small; history has the whole. */
  readonly truncated?: boolean;
  /** Client only: a delta did not join the text; `message.completed` will heal it. */
  readonly missing?: boolean;
}

export interface Reasoning {
  readonly reasoningId: string;
  readonly text: string;
  readonly title?: string;
  /** Client only: when it began and ended, where the events were seen. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Client only: orders what began at the same time. */
  readonly startedSeq?: number;
  readonly incomplete?: boolean;
  readonly missing?: boolean;
}

export interface ToolCall {
  readonly toolCallId: string;
  readonly name: string;
  readonly arguments?: Json;
  /** While the call is open and its arguments stream in, their text so far. */
  readonly argumentsText?: string;
  readonly result?: Json;
  readonly status: 'open' | 'completed' | 'failed' | 'incomplete';
  readonly truncated?: boolean;
  /** Client only, where the events were seen. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Client only: orders what began at the same time. */
  readonly startedSeq?: number;
  readonly missing?: boolean;
}

export interface RunStep {
  readonly stepId: string;
  readonly title?: string;
  readonly status: 'running' | 'completed';
}

export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cost?: number;
  readonly durationMs?: number;
}

export type RunStatus = 'requested' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled';

/** One agent execution. */
export interface Run {
  readonly runId: string;
  readonly agentId: string;
  readonly status: RunStatus;
  readonly input?: Json;
  readonly requestedBy?: Subject;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly deadline?: string;
  /** When somebody asked the agent to stop. */
  readonly cancelRequestedAt?: string;
  /** The agent is away. */
  readonly stalled?: boolean;
  readonly steps: readonly RunStep[];
  readonly openReasoning: readonly Reasoning[];
  readonly toolCalls: readonly ToolCall[];
  readonly output?: Json;
  readonly error?: { readonly code: string; readonly message: string };
  readonly reason?: string;
  readonly usage?: Usage;
  readonly truncated?: boolean;
  /** Client only: snapshots leave finished reasoning out; events seen here, or given to `backfill`, fill it. */
  readonly closedReasoning?: readonly Reasoning[];
  /** Client only: instructions given while it ran. */
  readonly steering?: readonly { readonly id: string; readonly text: string; readonly time: string; readonly actor: Subject }[];
  /** Client only, where the event was seen. */
  readonly requestedAt?: string;
}

export interface Approval {
  readonly approvalId: string;
  readonly runId?: string;
  readonly title: string;
  readonly detail?: string;
  readonly options?: Json;
  readonly assignees?: readonly Subject[];
  readonly expiresAt?: string;
  readonly status: 'open' | 'resolved' | 'expired' | 'cancelled';
  readonly decision?: 'approve' | 'deny';
  readonly option?: string;
  readonly comment?: string;
  readonly resolvedBy?: Subject;
}

export interface InputRequest {
  readonly inputId: string;
  readonly runId?: string;
  readonly title: string;
  readonly schema?: Json;
  readonly assignees?: readonly Subject[];
  readonly expiresAt?: string;
  readonly status: 'open' | 'submitted' | 'expired' | 'cancelled';
  readonly values?: Json;
  readonly submittedBy?: Subject;
}

export interface Artifact {
  readonly artifactId: string;
  readonly name: string;
  readonly mediaType?: string;
  readonly size?: number;
  readonly sha256?: string;
}

/** The folded state of a conversation; `seq` is that of the last event in it. */
export interface ConversationState {
  readonly id: string;
  readonly seq: number;
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly archived: boolean;
  readonly participants: readonly Participant[];
  readonly messages: readonly Message[];
  readonly runs: readonly Run[];
  readonly approvals: readonly Approval[];
  readonly inputs: readonly InputRequest[];
  readonly artifacts: readonly Artifact[];
  /** Leads to messages older than those in the snapshot, through history. */
  readonly messagesBefore?: string;
  readonly truncated?: boolean;
}

export type AgentStatus = 'online' | 'busy' | 'offline';

/** The folded state of an agent. */
export interface AgentState {
  readonly id: string;
  readonly seq?: number;
  readonly name: string;
  readonly description?: string;
  readonly capabilities?: readonly string[];
  readonly grants?: readonly AccessGrant[];
  readonly status: AgentStatus;
}

/** An item of a list: the scalar members of the state, and where and when it was last active. */
export interface ConversationItem {
  readonly id: string;
  readonly topic: string;
  readonly title: string;
  readonly archived?: boolean;
  readonly updatedAt: string;
}

export interface AgentItem {
  readonly id: string;
  readonly topic: string;
  readonly name: string;
  readonly description?: string;
  readonly status: AgentStatus;
  readonly updatedAt: string;
}
