import type { HubEvent } from '../wire/events.js';
import type { Json } from '../wire/json.js';
import type { ConversationState, Run, Usage } from '../wire/state.js';
import { change, present, put } from './lists.js';
import type { Reducer } from './reducer.js';

/** Changes the run that the event belongs to. */
export function onRun(state: ConversationState, event: HubEvent, by: (run: Run) => Run): ConversationState {
  const runId = (event.data as { runId?: string }).runId ?? event.runId;
  const runs = change(state.runs, 'runId', runId ?? '', by);
  return runs === state.runs ? state : { ...state, runs };
}

/** A run waits while an approval or an input of it is open. */
export function withWaiting(state: ConversationState, runId: string | null | undefined): ConversationState {
  const waits = [...state.approvals, ...state.inputs].some((item) => item.runId === runId && item.status === 'open');
  const runs = change(state.runs, 'runId', runId ?? '', (run) => {
    const status = run.status === 'running' && waits ? 'waiting' : run.status === 'waiting' && !waits ? 'running' : run.status;
    return status === run.status ? run : { ...run, status };
  });
  return runs === state.runs ? state : { ...state, runs };
}

const ended = new Set<Run['status']>(['completed', 'failed', 'cancelled']);

function end(status: 'completed' | 'failed' | 'cancelled'): Reducer {
  return (state, event) => onRun(state, event, (run) => {
    if (ended.has(run.status)) {
      return run;
    }
    const { output, error, reason, usage } = event.data as unknown as Pick<Run, 'output' | 'error' | 'reason' | 'usage'>;
    return present({
      ...run, status, endedAt: event.time,
      output: output ?? run.output, error: error ?? run.error, reason: reason ?? run.reason, usage: usage ?? run.usage,
    });
  });
}

export const runReducers: Readonly<Record<string, Reducer>> = {
  'run.requested': (state, event) => {
    const data = event.data as { runId: string; agentId: string; input?: Json; deadline?: string };
    const run: Run = present({
      runId: data.runId, agentId: data.agentId, status: 'requested', input: data.input, requestedBy: event.actor,
      requestedAt: event.time, deadline: data.deadline, steps: [], openReasoning: [], toolCalls: [],
    });
    return { ...state, runs: put(state.runs, 'runId', run) };
  },

  'run.started': (state, event) => onRun(state, event,
    (run) => (run.status === 'requested' ? { ...run, status: 'running', startedAt: event.time } : run)),

  'run.step_started': (state, event) => onRun(state, event, (run) => {
    const { stepId, title } = event.data as { stepId: string; title?: string };
    return { ...run, steps: put(run.steps, 'stepId', present({ stepId, title, status: 'running' })) };
  }),

  'run.step_completed': (state, event) => onRun(state, event, (run) => {
    const { stepId, title } = event.data as { stepId: string; title?: string };
    return { ...run, steps: put(run.steps, 'stepId', present({ stepId, title, status: 'completed' })) };
  }),

  'run.stalled': (state, event) => onRun(state, event, (run) => ({ ...run, stalled: true })),

  'run.resumed': (state, event) => onRun(state, event, ({ stalled: _, ...run }) => run),

  'run.usage': (state, event) => onRun(state, event, (run) => {
    const { inputTokens, outputTokens, cost, durationMs } = event.data as Usage;
    return { ...run, usage: present({ inputTokens, outputTokens, cost, durationMs }) };
  }),

  'run.cancel_requested': (state, event) => onRun(state, event, (run) => (run.cancelRequestedAt ? run : { ...run, cancelRequestedAt: event.time })),

  'run.steered': (state, event) => onRun(state, event, (run) => {
    const { instruction } = event.data as { instruction: string };
    const said = { id: event.id, text: instruction, time: event.time, actor: event.actor };
    return { ...run, steering: put(run.steering ?? [], 'id', said) };
  }),

  'run.completed': end('completed'),
  'run.failed': end('failed'),
  'run.cancelled': end('cancelled'),
};
