import type { AgentItem } from 'realtimehub-client';
import { Icon } from '../ui/Icon';
import './EmptyState.css';

const suggestions = [
  'How does a client resume after the connection is lost, and what does a cursor hold?',
  'What happens to a run when its agent goes offline?',
  'Which scopes does an operator need to start and steer a run?',
];

interface Props {
  readonly agent: AgentItem | undefined;
  readonly onAsk: (text: string) => Promise<boolean>;
  readonly busy: boolean;
}

export function EmptyState({ agent, onAsk, busy }: Props) {
  return (
    <div className="empty" data-testid="empty-state">
      <h2>What would you like to know?</h2>
      <p>
        {agent
          ? <>Ask <strong>{agent.name || agent.id}</strong> and watch it think, look things up and answer, live. You can steer it or stop it on the way.</>
          : 'As soon as an agent is registered you can ask it here. Until then, messages reach the people in the conversation.'}
      </p>
      <div className="empty__suggestions">
        {suggestions.map((text) => (
          <button key={text} className="empty__suggestion" disabled={busy} onClick={() => void onAsk(text)} data-testid="suggested-question">
            <span>{text}</span><Icon name="chevron" />
          </button>
        ))}
      </div>
    </div>
  );
}
