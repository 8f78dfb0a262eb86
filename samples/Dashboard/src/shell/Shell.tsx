import { useCallback, useState } from 'react';
import { useAgents } from '../agents/useAgents';
import { ConversationView } from '../conversation/ConversationView';
import { useConversations } from '../conversations/useConversations';
import { Sidebar } from './Sidebar';
import { useRoute } from './useRoute';
import './Shell.css';

export function Shell({ onSignOut }: { onSignOut: () => void }) {
  const [conversationId, go] = useRoute();
  const [listOpen, setListOpen] = useState(false);
  const conversations = useConversations();
  const agents = useAgents();

  const open = useCallback((id: string | undefined) => {
    go(id);
    setListOpen(false);
  }, [go]);

  return (
    <div className={`shell ${listOpen ? 'shell--list' : ''}`}>
      <Sidebar conversations={conversations} selected={conversationId} onOpen={open} onSignOut={onSignOut} />
      <button className="shell__scrim" aria-label="Close the list" tabIndex={listOpen ? 0 : -1} onClick={() => setListOpen(false)} />
      <ConversationView key={conversationId ?? 'new'} conversationId={conversationId} agents={agents.items}
        onOpen={open} onActivity={conversations.refresh} onShowList={() => setListOpen(true)} />
    </div>
  );
}
