import type { Json } from '../wire/json.js';
import type { Reasoning, ToolCall } from '../wire/state.js';
import { change, present, put } from './lists.js';
import type { Reducer } from './reducer.js';
import { onRun } from './runs.js';
import { append } from './text.js';

/** What an agent does on the way to its answer: reasoning and tool calls, inside their run. */
export const activityReducers: Readonly<Record<string, Reducer>> = {
  'reasoning.started': (state, event) => onRun(state, event, (run) => {
    const { reasoningId, title } = event.data as { reasoningId: string; title?: string };
    const open: Reasoning = present({ reasoningId, text: '', title, startedAt: event.time, startedSeq: event.seq });
    return { ...run, openReasoning: put(run.openReasoning, 'reasoningId', open) };
  }),

  'reasoning.delta': (state, event) => onRun(state, event, (run) => {
    const { reasoningId, text, offset } = event.data as { reasoningId: string; text: string; offset?: number };
    const openReasoning = change(run.openReasoning, 'reasoningId', reasoningId, (r) => append(r, text, offset));
    return openReasoning === run.openReasoning ? run : { ...run, openReasoning };
  }),

  'reasoning.completed': (state, event) => onRun(state, event, (run) => {
    const data = event.data as { reasoningId: string; text: string; title?: string; incomplete?: boolean };
    const open = run.openReasoning.find((r) => r.reasoningId === data.reasoningId);
    const closed: Reasoning = present({
      reasoningId: data.reasoningId, text: data.text, title: data.title ?? open?.title,
      startedAt: open?.startedAt, startedSeq: open?.startedSeq, endedAt: event.time, incomplete: data.incomplete || undefined,
    });
    return {
      ...run,
      openReasoning: run.openReasoning.filter((r) => r !== open),
      closedReasoning: put(run.closedReasoning ?? [], 'reasoningId', closed),
    };
  }),

  'tool_call.started': (state, event) => onRun(state, event, (run) => {
    const data = event.data as { toolCallId: string; name: string; arguments?: Json };
    const call: ToolCall = present({
      toolCallId: data.toolCallId, name: data.name, arguments: data.arguments, status: 'open', startedAt: event.time, startedSeq: event.seq,
    });
    return { ...run, toolCalls: put(run.toolCalls, 'toolCallId', call) };
  }),

  'tool_call.arguments_delta': (state, event) => onRun(state, event, (run) => {
    const { toolCallId, text, offset } = event.data as { toolCallId: string; text: string; offset?: number };
    const toolCalls = change(run.toolCalls, 'toolCallId', toolCallId, (call) => {
      if (call.status !== 'open') {
        return call;
      }
      const before = { text: call.argumentsText ?? '', missing: call.missing };
      const after = append(before, text, offset);
      return after === before ? call : present({ ...call, argumentsText: after.text, missing: after.missing });
    });
    return toolCalls === run.toolCalls ? run : { ...run, toolCalls };
  }),

  'tool_call.completed': (state, event) => onRun(state, event, (run) => {
    const data = event.data as { toolCallId: string; arguments?: Json; result?: Json; isError?: boolean; incomplete?: boolean };
    const toolCalls = change(run.toolCalls, 'toolCallId', data.toolCallId, ({ missing: _, truncated: __, argumentsText: ___, ...call }) => present({
      ...call,
      arguments: data.arguments ?? call.arguments,
      result: data.result,
      status: data.incomplete ? 'incomplete' : data.isError ? 'failed' : 'completed',
      endedAt: event.time,
    } satisfies ToolCall));
    return { ...run, toolCalls };
  }),
};
