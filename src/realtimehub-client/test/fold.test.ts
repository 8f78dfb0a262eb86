import { describe, expect, it } from 'vitest';
import { applyEvent, applyEvents, backfill, emptyConversation, fromSnapshot } from '../src/fold/conversation.js';
import type { HubEvent } from '../src/wire/events.js';
import type { ConversationState, Run } from '../src/wire/state.js';
import { event } from './fakeHub.js';

/** A whole conversation: two people, three runs that end differently, everything that can happen in between. */
function story(): HubEvent[] {
  let seq = 0;
  const e = (type: string, data: object, runId?: string) => event((seq += 3), type, data, runId);
  const answer = 'Zwölf 🙂 Boxkämpfer.';
  return [
    e('conversation.created', { title: 'First', labels: { a: '1' }, participants: [{ kind: 'user', id: 'u', role: 'owner' }] }),
    e('participant.joined', { participant: { kind: 'user', id: 'v', role: 'observer' } }),
    e('participant.joined', { participant: { kind: 'user', id: 'v', role: 'member' } }),
    e('message.created', { messageId: 'm1', role: 'user', text: 'Why?' }),
    e('run.requested', { runId: 'r1', agentId: 'a', input: { question: 'Why?' }, deadline: 'then' }),
    e('run.started', { runId: 'r1', agentId: 'a' }, 'r1'),
    e('run.step_started', { runId: 'r1', stepId: 's1', title: 'Read' }, 'r1'),
    e('reasoning.started', { reasoningId: 'g1', title: 'Plan' }, 'r1'),
    e('reasoning.delta', { reasoningId: 'g1', text: 'Look ' }, 'r1'),
    e('reasoning.delta', { reasoningId: 'g1', text: 'first.', offset: 5 }, 'r1'),
    e('reasoning.completed', { reasoningId: 'g1', text: 'Look first.' }, 'r1'),
    e('tool_call.started', { toolCallId: 't1', name: 'search' }, 'r1'),
    e('tool_call.arguments_delta', { toolCallId: 't1', text: '{"q":', offset: 0 }, 'r1'),
    e('tool_call.arguments_delta', { toolCallId: 't1', text: '"x"}', offset: 5 }, 'r1'),
    e('tool_call.completed', { toolCallId: 't1', arguments: { q: 'x' }, result: [1, 2], isError: false }, 'r1'),
    e('run.step_completed', { runId: 'r1', stepId: 's1', title: 'Read' }, 'r1'),
    e('approval.requested', { approvalId: 'p1', runId: 'r1', title: 'May I?' }, 'r1'),
    e('approval.resolved', { approvalId: 'p1', decision: 'approve', resolvedBy: { kind: 'user', id: 'u' } }),
    e('message.started', { messageId: 'm2', role: 'assistant' }, 'r1'),
    e('message.delta', { messageId: 'm2', text: 'Zwölf 🙂', offset: 0 }, 'r1'),
    e('message.delta', { messageId: 'm2', text: ' Box', offset: 8 }, 'r1'),
    e('run.usage', { runId: 'r1', inputTokens: 10, outputTokens: 2 }, 'r1'),
    e('message.completed', { messageId: 'm2', text: answer }, 'r1'),
    e('artifact.created', { artifactId: 'f1', name: 'x.txt', mediaType: 'text/plain', size: 1, sha256: 's' }, 'r1'),
    e('run.completed', { runId: 'r1', output: { ok: true }, usage: { inputTokens: 12, outputTokens: 9, cost: 0.01, durationMs: 5 } }, 'r1'),
    e('run.requested', { runId: 'r2', agentId: 'a', input: null, deadline: 'then' }),
    e('run.cancelled', { runId: 'r2', reason: 'never mind' }, 'r2'),
    e('run.requested', { runId: 'r3', agentId: 'b', input: 'x', deadline: 'then' }),
    e('run.started', { runId: 'r3', agentId: 'b' }, 'r3'),
    e('run.stalled', { runId: 'r3', reason: 'agent_offline' }),
    e('run.resumed', { runId: 'r3', reason: 'agent_offline' }),
    e('run.steered', { runId: 'r3', instruction: 'Shorter.' }),
    e('tool_call.started', { toolCallId: 't2', name: 'write', arguments: { a: 1 } }, 'r3'),
    e('tool_call.completed', { toolCallId: 't2', arguments: { a: 1 }, result: 'no', isError: true }, 'r3'),
    e('input.requested', { inputId: 'i1', runId: 'r3', title: 'How many?', schema: {} }, 'r3'),
    e('input.submitted', { inputId: 'i1', values: { n: 3 }, submittedBy: { kind: 'user', id: 'u' } }),
    e('message.started', { messageId: 'm3', role: 'assistant' }, 'r3'),
    e('message.delta', { messageId: 'm3', text: 'Three' }, 'r3'),
    e('run.cancel_requested', { runId: 'r3' }),
    e('run.failed', { runId: 'r3', error: { code: 'timeout', message: 'Too long.' } }, 'r3'),
    e('message.completed', { messageId: 'm3', text: 'Three', incomplete: true }, 'r3'),
    e('custom.note', { x: 1 }),
    e('artifact.deleted', { artifactId: 'f1' }),
    e('participant.left', { participant: { kind: 'user', id: 'v' } }),
    e('conversation.updated', { title: 'Second' }),
    e('conversation.archived', {}),
  ];
}

/** What a server's snapshot holds: the state without what only this client keeps, through JSON. */
function asSnapshot(state: ConversationState): ConversationState {
  const { runs, ...rest } = state;
  return JSON.parse(JSON.stringify({
    ...rest,
    runs: runs.map(({ closedReasoning, steering, requestedAt, ...run }) => ({
      ...run,
      openReasoning: run.openReasoning.map(({ startedAt, endedAt, ...r }) => r),
      toolCalls: run.toolCalls.map(({ startedAt, endedAt, ...t }) => t),
    })),
  }));
}

function run(state: ConversationState, id = 'r1'): Run {
  return state.runs.find((r) => r.runId === id)!;
}

function started(text = ''): ConversationState {
  return applyEvents(emptyConversation('c'), [
    event(1, 'message.started', { messageId: 'm', role: 'assistant' }, 'r'),
    ...(text ? [event(2, 'message.delta', { messageId: 'm', text, offset: 0 }, 'r')] : []),
  ]);
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}

describe('the fold', () => {
  it('gives the same from any snapshot and the events after it as from all events', () => {
    const events = story();
    const whole = applyEvents(emptyConversation('c'), events);
    for (let cut = 0; cut <= events.length; cut++) {
      const snapshot = asSnapshot(applyEvents(emptyConversation('c'), events.slice(0, cut)));
      // Delivered again from the start: what the snapshot holds must not count twice.
      const resumed = applyEvents(fromSnapshot(snapshot), events);
      expect(asSnapshot(resumed), `cut before event ${cut}`).toEqual(asSnapshot(whole));
    }
  });

  it('folds the whole story', () => {
    const state = applyEvents(emptyConversation('c'), story());
    expect(state).toMatchObject({ title: 'Second', labels: { a: '1' }, archived: true, artifacts: [] });
    expect(state.participants).toEqual([{ kind: 'user', id: 'u', role: 'owner' }]);
    expect(state.messages.map((m) => [m.messageId, m.text, m.status, m.runId])).toEqual([
      ['m1', 'Why?', 'completed', undefined],
      ['m2', 'Zwölf 🙂 Boxkämpfer.', 'completed', 'r1'],
      ['m3', 'Three', 'incomplete', 'r3'],
    ]);
    expect(state.runs.map((r) => r.status)).toEqual(['completed', 'cancelled', 'failed']);
    expect(run(state)).toMatchObject({
      steps: [{ stepId: 's1', title: 'Read', status: 'completed' }], openReasoning: [], output: { ok: true },
      toolCalls: [{ name: 'search', arguments: { q: 'x' }, result: [1, 2], status: 'completed' }],
      closedReasoning: [{ title: 'Plan', text: 'Look first.' }], usage: { inputTokens: 12, outputTokens: 9 },
    });
    expect(run(state, 'r3')).toMatchObject({
      error: { code: 'timeout' }, steering: [{ text: 'Shorter.' }], toolCalls: [{ status: 'failed' }],
    });
    expect(state.approvals).toMatchObject([{ status: 'resolved', decision: 'approve' }]);
    expect(state.inputs).toMatchObject([{ status: 'submitted', values: { n: 3 } }]);
  });

  it('does nothing with an event that is in the state already', () => {
    const once = event(5, 'message.delta', { messageId: 'm', text: 'twice' }, 'r');
    const state = applyEvents(started(), [once]);
    expect(applyEvent(state, once)).toBe(state);
  });

  it('changes nothing that it was given', () => {
    story().reduce((state, e) => freeze(applyEvent(state, freeze(e))), freeze(emptyConversation('c')));
  });

  it('keeps what did not change the same object', () => {
    const state = applyEvents(emptyConversation('c'), story().slice(0, 20));
    const next = applyEvent(state, event(1_000, 'message.delta', { messageId: 'm2', text: '!' }, 'r1'));
    expect(next.runs).toBe(state.runs);
    expect(next.messages[0]).toBe(state.messages[0]);
    expect(next.messages[1]).not.toBe(state.messages[1]);
  });

  it('ignores unknown types, but not their position', () => {
    const state = applyEvent(emptyConversation('c'), event(9, 'message.sparkled', { messageId: 'm' }));
    expect(state).toEqual({ ...emptyConversation('c'), seq: 9 });
  });

  it('takes a snapshot whose empty members are left out or null', () => {
    const state = fromSnapshot({ id: 'c', seq: 4, title: 'T', labels: null as never, runs: [{ runId: 'r', agentId: 'a', status: 'running' } as Run] });
    expect(state).toMatchObject({ labels: {}, messages: [], runs: [{ steps: [], openReasoning: [], toolCalls: [] }] });
  });
});

describe('a growing text', () => {
  const delta = (seq: number, text: string, offset?: number) => event(seq, 'message.delta', { messageId: 'm', text, offset }, 'r');
  const text = (state: ConversationState) => state.messages[0]!.text;

  it('counts offsets in UTF-16 units', () => {
    const state = applyEvents(started('a🙂'), [delta(3, 'é', 3), delta(4, '日本', 4)]);
    expect(text(state)).toBe('a🙂é日本');
    expect(state.messages[0]!.missing).toBeUndefined();
  });

  it('does not repeat what it has', () => {
    expect(text(applyEvents(started('Hello'), [delta(3, 'lo', 3), delta(4, 'lo wor', 3), delta(5, 'ld', 9)]))).toBe('Hello world');
  });

  it('stops at a hole and is healed by completed', () => {
    const broken = applyEvents(started('Hel'), [delta(3, 'world', 6), delta(4, '!', 11)]);
    expect(broken.messages[0]).toMatchObject({ text: 'Hel', missing: true, status: 'open' });
    const healed = applyEvent(broken, event(5, 'message.completed', { messageId: 'm', text: 'Hello world!' }, 'r'));
    expect(healed.messages[0]).toMatchObject({ text: 'Hello world!', status: 'completed' });
    expect(healed.messages[0]).not.toHaveProperty('missing');
  });

  it('is healed by completed when no delta came at all', () => {
    const state = applyEvent(started(), event(7, 'message.completed', { messageId: 'm', text: 'Whole.' }, 'r'));
    expect(state.messages[0]).toMatchObject({ text: 'Whole.', status: 'completed', role: 'assistant' });
  });

  it('says when it was cut off', () => {
    const state = applyEvent(started('Hal'), event(7, 'message.completed', { messageId: 'm', text: 'Hal', incomplete: true }, 'r'));
    expect(state.messages[0]!.status).toBe('incomplete');
  });

  it('ignores deltas of messages that are completed or unknown', () => {
    const done = applyEvent(started('x'), event(3, 'message.completed', { messageId: 'm', text: 'x' }, 'r'));
    expect(text(applyEvent(done, delta(4, 'late')))).toBe('x');
    expect(applyEvent(emptyConversation('c'), delta(4, 'whose?')).messages).toEqual([]);
  });

  it('takes a message of which only the end was seen', () => {
    const state = applyEvent(emptyConversation('c'), event(4, 'message.completed', { messageId: 'm', text: 'End.' }, 'r'));
    expect(state.messages).toMatchObject([{ role: 'assistant', text: 'End.', status: 'completed', runId: 'r' }]);
  });
});

describe('a run', () => {
  const begun = applyEvents(emptyConversation('c'), [
    event(1, 'run.requested', { runId: 'r1', agentId: 'a' }),
    event(2, 'run.started', { runId: 'r1', agentId: 'a' }),
  ]);

  it('waits while something is asked of people', () => {
    const asked = applyEvents(begun, [
      event(3, 'approval.requested', { approvalId: 'p', runId: 'r1', title: '?' }),
      event(4, 'input.requested', { inputId: 'i', title: '?' }, 'r1'),
    ]);
    expect(run(asked).status).toBe('waiting');
    const half = applyEvent(asked, event(5, 'approval.expired', { approvalId: 'p' }));
    expect(run(half).status).toBe('waiting');
    expect(run(applyEvent(half, event(6, 'input.cancelled', { inputId: 'i' }))).status).toBe('running');
  });

  it('has one end', () => {
    const done = applyEvent(begun, event(3, 'run.completed', { runId: 'r1' }));
    const again = applyEvent(done, event(4, 'run.failed', { runId: 'r1', error: { code: 'x', message: '' } }));
    expect(run(again)).toMatchObject({ status: 'completed' });
    expect(run(again)).not.toHaveProperty('error');
  });

  it('does not go back to running when started comes after its end', () => {
    const ended = applyEvents(emptyConversation('c'), [
      event(1, 'run.requested', { runId: 'r1', agentId: 'a' }), event(2, 'run.cancelled', { runId: 'r1' }),
    ]);
    expect(run(applyEvent(ended, event(3, 'run.started', { runId: 'r1', agentId: 'a' }))).status).toBe('cancelled');
  });
});

describe('a tool call', () => {
  it('shows its arguments as they stream in, then the whole', () => {
    const open = applyEvents(emptyConversation('c'), [
      event(1, 'run.requested', { runId: 'r1', agentId: 'a' }),
      event(2, 'tool_call.started', { toolCallId: 't', name: 'search' }, 'r1'),
      event(3, 'tool_call.arguments_delta', { toolCallId: 't', text: '{"q":', offset: 0 }, 'r1'),
      event(4, 'tool_call.arguments_delta', { toolCallId: 't', text: '1', offset: 5 }, 'r1'),
    ]);
    expect(run(open).toolCalls).toMatchObject([{ argumentsText: '{"q":1', status: 'open' }]);
    const cut = applyEvent(open, event(5, 'tool_call.completed', { toolCallId: 't', arguments: { q: 1 }, result: null, isError: false, incomplete: true }, 'r1'));
    expect(run(cut).toolCalls).toMatchObject([{ arguments: { q: 1 }, status: 'incomplete' }]);
    expect(run(cut).toolCalls[0]).not.toHaveProperty('argumentsText');
  });
});

describe('backfill', () => {
  it('brings back what snapshots leave out, and nothing newer than the snapshot', () => {
    const events = story();
    const whole = applyEvents(emptyConversation('c'), events);
    const later = event(whole.seq + 1, 'reasoning.completed', { reasoningId: 'g9', text: 'newer' }, 'r1');
    const filled = backfill(fromSnapshot(asSnapshot(whole)), [...events, later].reverse());
    expect(run(filled).closedReasoning).toEqual(run(whole).closedReasoning);
    expect(run(filled).toolCalls).toEqual(run(whole).toolCalls);
    expect(run(filled, 'r3').steering).toEqual(run(whole, 'r3').steering);
    expect(asSnapshot(filled)).toEqual(asSnapshot(whole));
  });

  it('does not undo what came live', () => {
    const events = story();
    const live = applyEvents(emptyConversation('c'), events);
    expect(run(backfill(live, events))).toEqual(run({ ...live, runs: live.runs.map((r) => ({ ...r, steering: r.steering ?? [] })) }));
  });
});
