import type { HubEvent } from '../wire/events.js';
import type { ConversationState, Participant, ToolCall } from '../wire/state.js';
import { activityReducers } from './activity.js';
import { present, put } from './lists.js';
import { messageReducers } from './messages.js';
import type { Reducer } from './reducer.js';
import { runReducers } from './runs.js';
import { workReducers } from './work.js';

const reducers: Readonly<Record<string, Reducer>> = {
  'conversation.created': (state, event) => {
    const { title, labels, participants } = event.data as unknown as Partial<ConversationState>;
    return { ...state, title: title ?? '', labels: labels ?? {}, participants: participants ?? [] };
  },
  'conversation.updated': (state, event) => {
    const { title, labels } = event.data as unknown as Partial<ConversationState>;
    return { ...state, title: title ?? state.title, labels: labels ?? state.labels };
  },
  'conversation.archived': (state) => ({ ...state, archived: true }),

  'participant.joined': (state, event) => {
    const { participant } = event.data as unknown as { participant: Participant };
    const index = state.participants.findIndex((p) => same(p, participant));
    return { ...state, participants: index < 0 ? [...state.participants, participant] : state.participants.with(index, participant) };
  },
  'participant.left': (state, event) => {
    const { participant } = event.data as unknown as { participant: Participant };
    return { ...state, participants: state.participants.filter((p) => !same(p, participant)) };
  },

  ...messageReducers,
  ...runReducers,
  ...activityReducers,
  ...workReducers,
};

function same(a: Participant, b: Participant): boolean {
  return a.kind === b.kind && a.id === b.id;
}

/** A conversation of which no event has been seen. */
export function emptyConversation(id: string): ConversationState {
  return {
    id, seq: 0, title: '', labels: {}, archived: false,
    participants: [], messages: [], runs: [], approvals: [], inputs: [], artifacts: [],
  };
}

/** The state of a snapshot, with the members that the server left out because they are empty. */
export function fromSnapshot(snapshot: Partial<ConversationState> & { readonly id: string }): ConversationState {
  const { runs, ...state } = Object.fromEntries(
    Object.entries(snapshot).filter(([, value]) => value !== null && value !== undefined),
  ) as Partial<ConversationState>;
  return {
    ...emptyConversation(snapshot.id),
    ...state,
    runs: (runs ?? []).map((run) => ({
      ...run, steps: run.steps ?? [], openReasoning: run.openReasoning ?? [], toolCalls: run.toolCalls ?? [],
    })),
  };
}

/**
 * The state after one more event. Pure: nothing that was passed in changes, and what did not change stays the same
 * object. An event that is already in the state does nothing; one of an unknown type only moves `seq`.
 */
export function applyEvent(state: ConversationState, event: HubEvent): ConversationState {
  if (event.seq <= state.seq) {
    return state;
  }
  const next = reducers[event.type]?.(state, event) ?? state;
  return { ...next, seq: event.seq };
}

/** The state after more events, in order. A snapshot and the events after it give what all events give. */
export function applyEvents(state: ConversationState, events: readonly HubEvent[]): ConversationState {
  return events.reduce(applyEvent, state);
}

/**
 * The state with what snapshots leave out, taken from events that are older than it: finished reasoning, when tool
 * calls began, instructions. Nothing else changes, `seq` included.
 */
export function backfill(state: ConversationState, older: readonly HubEvent[]): ConversationState {
  const bare = state.runs.map((run) => ({ ...run, openReasoning: [], toolCalls: [], closedReasoning: [], steering: [] }));
  const past = [...older]
    .filter((event) => event.seq <= state.seq && /^(reasoning\.|tool_call\.|run\.(steered|requested))/.test(event.type))
    .sort((a, b) => a.seq - b.seq)
    .reduce((folded, event) => (event.type === 'run.requested' ? requested(folded, event) : reducers[event.type]?.(folded, event) ?? folded),
      { ...emptyConversation(state.id), runs: bare } as ConversationState);

  return {
    ...state,
    runs: state.runs.map((run, i) => {
      const then = past.runs[i]!;
      const closedReasoning = [...then.closedReasoning ?? []];
      const steering = [...then.steering ?? []];
      return {
        ...run,
        requestedAt: run.requestedAt ?? then.requestedAt,
        closedReasoning: (run.closedReasoning ?? []).reduce((all, r) => [...put(all, 'reasoningId', r)], closedReasoning),
        steering: (run.steering ?? []).reduce((all, s) => [...put(all, 'id', s)], steering),
        openReasoning: run.openReasoning.map((r) => ({ ...find(then.openReasoning, r, 'reasoningId'), ...r })),
        toolCalls: run.toolCalls.map((call) => ({ ...times(find(then.toolCalls, call, 'toolCallId')), ...call })),
      };
    }),
  };
}

function requested(state: ConversationState, event: HubEvent): ConversationState {
  return {
    ...state,
    runs: state.runs.map((run) => (run.runId === event.data['runId'] ? { ...run, requestedAt: event.time } : run)),
  };
}

function find<T, K extends keyof T>(list: readonly T[], item: T, key: K): T | undefined {
  return list.find((i) => i[key] === item[key]);
}

type Times = Pick<ToolCall, 'startedAt' | 'startedSeq' | 'endedAt'>;

function times(item: Times | undefined): Times {
  return present({ startedAt: item?.startedAt, startedSeq: item?.startedSeq, endedAt: item?.endedAt });
}
