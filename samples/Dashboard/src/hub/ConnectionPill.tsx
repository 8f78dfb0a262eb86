import { connectionLabel } from './connectionLabel';
import { useConnectionState, useHub } from './HubContext';
import { useNow } from './useNow';
import './ConnectionPill.css';

export function ConnectionPill() {
  const { client } = useHub();
  const state = useConnectionState();
  const now = useNow(state.status !== 'connected');
  const { tone, text } = connectionLabel(state, now);
  const waits = 'retryAt' in state && state.retryAt !== undefined;
  return (
    <span className={`pill pill--${tone}`} data-testid="connection-state" data-status={state.status}>
      <span className="pill__dot" />
      <span className="pill__text" role="status">{text}</span>
      {waits && tone === 'off' && <button className="pill__now" onClick={() => client.reconnectNow()}>Try now</button>}
      {state.status === 'closed' && <button className="pill__now" onClick={() => void client.start().catch(() => undefined)}>Connect</button>}
    </span>
  );
}
