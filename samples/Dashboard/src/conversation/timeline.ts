import type { ConversationState, Message, Reasoning, Run, ToolCall } from 'realtimehub-client';

/** One thing that happened in a run. */
export type Activity =
  | { readonly kind: 'reasoning'; readonly key: string; readonly reasoning: Reasoning; readonly open: boolean }
  | { readonly kind: 'tool_call'; readonly key: string; readonly call: ToolCall }
  | { readonly kind: 'message'; readonly key: string; readonly message: Message }
  | { readonly kind: 'steering'; readonly key: string; readonly text: string; readonly by: string };

export type TimelineItem =
  | { readonly kind: 'message'; readonly key: string; readonly message: Message }
  | { readonly kind: 'run'; readonly key: string; readonly run: Run; readonly activities: readonly Activity[] };

interface Timed<T> {
  readonly at: number;
  /** Of what began in the same millisecond: what is stored together has one time. */
  readonly seq?: number;
  readonly item: T;
}

/** A conversation in the order in which it happened: messages, and runs with what happened in them. */
export function timeline(state: ConversationState): readonly TimelineItem[] {
  const inRuns = new Map<string, Message[]>(state.runs.map((run) => [run.runId, []]));
  const items: Timed<TimelineItem>[] = [];
  for (const message of state.messages) {
    const ofRun = inRuns.get(message.runId ?? '');
    if (ofRun) {
      ofRun.push(message);
    } else {
      items.push({ at: time(message.time), item: { kind: 'message', key: message.messageId, message } });
    }
  }
  for (const run of state.runs) {
    const messages = inRuns.get(run.runId) ?? [];
    // A run of which no time is known has only been asked for: nothing is newer.
    const at = time(run.requestedAt ?? run.startedAt ?? messages[0]?.time, Infinity);
    items.push({ at, item: { kind: 'run', key: run.runId, run, activities: activities(run, messages) } });
  }
  return inOrder(items);
}

function activities(run: Run, messages: readonly Message[]): readonly Activity[] {
  const all: Timed<Activity>[] = [
    ...(run.closedReasoning ?? []).map((reasoning): Timed<Activity> => (
      { at: time(reasoning.startedAt ?? reasoning.endedAt, 0), seq: reasoning.startedSeq, item: { kind: 'reasoning', key: reasoning.reasoningId, reasoning, open: false } })),
    ...run.toolCalls.map((call): Timed<Activity> => (
      { at: time(call.startedAt ?? call.endedAt, call.status === 'open' ? Infinity : 0), seq: call.startedSeq, item: { kind: 'tool_call', key: call.toolCallId, call } })),
    ...(run.steering ?? []).map((said): Timed<Activity> => (
      { at: time(said.time), item: { kind: 'steering', key: said.id, text: said.text, by: said.actor.id } })),
    ...run.openReasoning.map((reasoning): Timed<Activity> => (
      { at: time(reasoning.startedAt, Infinity), seq: reasoning.startedSeq, item: { kind: 'reasoning', key: reasoning.reasoningId, reasoning, open: isActive(run) } })),
    ...messages.map((message): Timed<Activity> => (
      { at: time(message.time), seq: Infinity, item: { kind: 'message', key: message.messageId, message } })),
  ];
  return inOrder(all);
}

function time(iso: string | undefined, unknown = 0): number {
  const ms = iso === undefined ? NaN : Date.parse(iso);
  return Number.isNaN(ms) ? unknown : ms;
}

function inOrder<T>(items: readonly Timed<T>[]): readonly T[] {
  return items.toSorted((a, b) => compare(a.at, b.at) || compare(a.seq ?? 0, b.seq ?? 0)).map(({ item }) => item);
}

// Not a difference: two infinities have none.
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isActive(run: Run): boolean {
  return run.status === 'requested' || run.status === 'running' || run.status === 'waiting';
}
