import type { Run } from 'realtimehub-client';
import { describe, expect, it } from 'vitest';
import { defaultAgent } from '../src/agents/useAgents';
import { relativeTime } from '../src/conversations/relativeTime';
import { titleOf } from '../src/conversation/useAsk';
import { connectionLabel } from '../src/hub/connectionLabel';
import { argumentsLine, duration, newestWords, reasoningSummary, statusLabel, usageLabel } from '../src/runs/format';
import { conversationOf } from '../src/shell/useRoute';
import { initials } from '../src/ui/Avatar';

describe('connectionLabel', () => {
  it('counts down, and says offline only after several tries', () => {
    expect(connectionLabel({ status: 'connected' }, 0)).toEqual({ tone: 'ok', text: 'Connected' });
    expect(connectionLabel({ status: 'reconnecting', attempt: 1, retryAt: 1_500 }, 0)).toEqual({ tone: 'busy', text: 'Reconnecting in 2 s…' });
    expect(connectionLabel({ status: 'reconnecting', attempt: 1, retryAt: 1_500 }, 1_600)).toEqual({ tone: 'busy', text: 'Reconnecting…' });
    expect(connectionLabel({ status: 'reconnecting', attempt: 4, retryAt: 9_000 }, 0)).toEqual({ tone: 'off', text: 'Offline, next try in 9 s' });
    expect(connectionLabel({ status: 'closed', reason: { code: 'revoked', message: '' } }, 0).text).toBe('Signed out by the server');
  });
});

describe('the labels of a run', () => {
  const run: Run = { runId: 'r', agentId: 'a', status: 'running', steps: [], openReasoning: [], toolCalls: [] };

  it('say how it stands', () => {
    expect(statusLabel(run)).toBe('Working');
    expect(statusLabel({ ...run, cancelRequestedAt: 'then' })).toBe('Stopping');
    expect(statusLabel({ ...run, stalled: true })).toBe('Agent offline');
    expect(statusLabel({ ...run, stalled: true, status: 'failed' })).toBe('Failed');
  });

  it('say what it cost', () => {
    expect(usageLabel({ outputTokens: 1 })).toBe('1 token');
    expect(usageLabel({ inputTokens: 900, outputTokens: 50 })).toBe('950 tokens');
    expect(usageLabel({ inputTokens: 3_120, outputTokens: 412, cost: 0.0123 })).toBe('3.5k tokens, $0.0123');
    expect(usageLabel({})).toBeUndefined();
  });

  it('say how long it took', () => {
    expect([400, 59_400, 61_000, 3_900_000].map(duration)).toEqual(['0 s', '59 s', '1 min 1 s', '1 h 5 min']);
  });

  it('say what it thought about', () => {
    expect(reasoningSummary({ reasoningId: 'g', text: 'anything', title: 'Plan' })).toBe('Plan');
    expect(reasoningSummary({ reasoningId: 'g', text: 'First **look** around. Then decide.' })).toBe('First look around.');
    expect(reasoningSummary({ reasoningId: 'g', text: '' })).toBe('');
  });

  it('show the newest words whole', () => {
    expect(newestWords('Just\n begun ')).toBe('Just begun');
    expect(newestWords(`Unbegreiflichkeiten ${'so '.repeat(28)}weiter`)).toBe(`… ${'so '.repeat(27)}weiter`);
  });

  it('show arguments in a line', () => {
    expect(argumentsLine({ query: 'a\nb' })).toBe('a b');
    expect(argumentsLine({ path: 'x.cs', from: 1 })).toBe('path: x.cs, from: 1');
    expect(argumentsLine('{"que')).toBe('{"que');
    expect(argumentsLine(undefined)).toBe('');
  });
});

describe('small things', () => {
  it('shortens a title at a word, and never inside a character', () => {
    expect(titleOf('Short?\nMore')).toBe('Short?');
    expect(titleOf('How does a client resume after the connection is lost, and what does a cursor hold?'))
      .toBe('How does a client resume after the connection is lost, and what…');
    expect(titleOf('🙂'.repeat(40)).isWellFormed()).toBe(true);
  });

  it('reads the conversation from the address', () => {
    expect(conversationOf('#/c/0197-a_B')).toBe('0197-a_B');
    expect(conversationOf('#/c/../x')).toBeUndefined();
    expect(conversationOf('')).toBeUndefined();
  });

  it('chooses an agent that takes work', () => {
    const agent = (id: string, status: 'online' | 'busy' | 'offline') => ({ id, status, topic: '', name: id, updatedAt: '' });
    const agents = [agent('a', 'offline'), agent('b', 'busy'), agent('c', 'online')];
    expect(defaultAgent(agents, undefined)?.id).toBe('c');
    expect(defaultAgent(agents, 'a')?.id).toBe('a');
    expect(defaultAgent(agents, 'gone')?.id).toBe('c');
    expect(defaultAgent([], 'a')).toBeUndefined();
  });

  it('abbreviates names and times', () => {
    expect([initials('Documentation agent'), initials('operator'), initials('a.b-c'), initials('🙂')]).toEqual(['DA', 'OP', 'AB', '🙂']);
    const now = Date.UTC(2030, 0, 10);
    expect([5, 300, 7_200, 259_200].map((s) => relativeTime(new Date(now - s * 1_000).toISOString(), now))).toEqual(['now', '5 min', '2 h', '3 d']);
  });
});
