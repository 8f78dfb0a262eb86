import { emptyConversation, type ConversationState, type Message, type Run } from 'realtimehub-client';
import { describe, expect, it } from 'vitest';
import { timeline } from '../src/conversation/timeline';

const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString();
const message = (messageId: string, second: number, runId?: string): Message => (
  { messageId, role: runId ? 'assistant' : 'user', text: '', actor: { kind: 'user', id: 'u' }, time: at(second), status: 'completed', runId });
const run = (runId: string, more: Partial<Run> = {}): Run => (
  { runId, agentId: 'a', status: 'completed', steps: [], openReasoning: [], toolCalls: [], ...more });
const state = (more: Partial<ConversationState>): ConversationState => ({ ...emptyConversation('c'), ...more });

describe('timeline', () => {
  it('puts each run after its question, with its messages inside', () => {
    const items = timeline(state({
      messages: [message('q1', 1), message('a1', 4, 'r1'), message('q2', 10), message('a2', 14, 'r2')],
      runs: [run('r2', { requestedAt: at(11) }), run('r1', { startedAt: at(2) })],
    }));
    expect(items.map((i) => i.key)).toEqual(['q1', 'r1', 'q2', 'r2']);
    expect(items[1]).toMatchObject({ kind: 'run', activities: [{ kind: 'message', key: 'a1' }] });
  });

  it('puts a run of which no time is known last', () => {
    const items = timeline(state({ messages: [message('q1', 1)], runs: [run('new', { status: 'requested' }), run('old', { startedAt: at(0) })] }));
    expect(items.map((i) => i.key)).toEqual(['old', 'q1', 'new']);
  });

  it('shows a message by itself when its run is no longer in the state', () => {
    expect(timeline(state({ messages: [message('a1', 4, 'gone')] }))).toMatchObject([{ kind: 'message', key: 'a1' }]);
  });

  it('orders what happened in a run by time, and what is open and of unknown time last', () => {
    const [item] = timeline(state({
      messages: [message('m', 5, 'r')],
      runs: [run('r', {
        status: 'running',
        startedAt: at(1),
        closedReasoning: [{ reasoningId: 'g1', text: '', startedAt: at(2), endedAt: at(3) }],
        openReasoning: [{ reasoningId: 'g2', text: '' }],
        toolCalls: [
          { toolCallId: 't1', name: 'x', status: 'completed', startedAt: at(4) },
          { toolCallId: 't0', name: 'x', status: 'completed' },
        ],
        steering: [{ id: 's', text: 'shorter', time: at(6), actor: { kind: 'user', id: 'u' } }],
      })],
    }));
    expect(item?.kind === 'run' && item.activities.map((a) => a.key)).toEqual(['t0', 'g1', 't1', 'm', 's', 'g2']);
  });

  it('orders what began in the same millisecond as it stands in the log', () => {
    const [item] = timeline(state({
      messages: [message('m', 2, 'r')],
      runs: [run('r', {
        closedReasoning: [{ reasoningId: 'g', text: '', startedAt: at(2), startedSeq: 12 }],
        toolCalls: [
          { toolCallId: 't1', name: 'x', status: 'completed', startedAt: at(2), startedSeq: 10 },
          { toolCallId: 't2', name: 'x', status: 'completed', startedAt: at(2), startedSeq: 14 },
        ],
      })],
    }));
    expect(item?.kind === 'run' && item.activities.map((a) => a.key)).toEqual(['t1', 'g', 't2', 'm']);
  });
});
