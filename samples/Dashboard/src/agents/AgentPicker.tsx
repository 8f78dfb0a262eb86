import type { AgentItem } from 'realtimehub-client';
import './AgentPicker.css';

interface Props {
  readonly agents: readonly AgentItem[];
  readonly chosen: AgentItem | undefined;
  readonly onChoose: (id: string) => void;
}

/** A native list: it works with every keyboard and on every phone. */
export function AgentPicker({ agents, chosen, onChoose }: Props) {
  if (agents.length === 0) {
    return <span className="agent-picker agent-picker--none" data-testid="agent-picker">No agent yet: messages go to the people here</span>;
  }
  return (
    <label className="agent-picker" title={chosen?.description}>
      <span className={`agent-picker__dot agent-picker__dot--${chosen?.status ?? 'offline'}`} />
      <span className="visually-hidden">Agent</span>
      <select value={chosen?.id ?? ''} onChange={(e) => onChoose(e.target.value)} data-testid="agent-picker">
        {agents.map((agent) => (
          <option key={agent.id} value={agent.id}>{agent.name || agent.id}{agent.status === 'online' ? '' : ` (${agent.status})`}</option>
        ))}
      </select>
    </label>
  );
}
