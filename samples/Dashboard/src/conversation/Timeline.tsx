import { useMemo } from 'react';
import type { AgentItem, ConversationState } from 'realtimehub-client';
import { RunItem } from '../runs/RunItem';
import { MessageItem } from './MessageItem';
import { timeline } from './timeline';

export function Timeline({ state, agents }: { state: ConversationState; agents: readonly AgentItem[] }) {
  const items = useMemo(() => timeline(state), [state]);
  const names = useMemo(() => new Map(agents.map((agent) => [agent.id, agent.name || agent.id])), [agents]);
  const people = useMemo(() => new Map(state.participants.map((p) => [p.id, p.displayName ?? p.id])), [state.participants]);
  const busy = state.messages.some((message) => message.status === 'open');
  return (
    <div className="conversation__column" role="log" aria-live="polite" aria-busy={busy} aria-label="Conversation" data-testid="timeline">
      {items.map((item) => (item.kind === 'message'
        ? <MessageItem key={item.key} message={item.message} name={(people.get(item.message.actor.id) ?? names.get(item.message.actor.id)) ?? item.message.actor.id} />
        : <RunItem key={item.key} run={item.run} activities={item.activities} topic={`conversation:${state.id}`}
            agentName={names.get(item.run.agentId) ?? item.run.agentId} />))}
    </div>
  );
}
