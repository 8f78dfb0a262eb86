import { useCallback, useState } from 'react';
import type { AgentItem } from 'realtimehub-client';
import { defaultAgent } from '../agents/useAgents';
import { Composer } from './Composer';
import { EmptyState } from './EmptyState';
import { Header } from './Header';
import { LiveTimeline } from './LiveTimeline';
import { useAsk } from './useAsk';
import './ConversationView.css';

interface Props {
  readonly conversationId: string | undefined;
  readonly agents: readonly AgentItem[];
  readonly onOpen: (id: string) => void;
  readonly onActivity: () => void;
  readonly onShowList: () => void;
}

const agentKey = 'realtimehub.agent';

export function ConversationView({ conversationId, agents, onOpen, onActivity, onShowList }: Props) {
  const [chosen, setChosen] = useState(() => sessionStorage.getItem(agentKey) ?? undefined);
  const agent = defaultAgent(agents, chosen);
  const { ask, asking } = useAsk(conversationId, onOpen, onActivity);

  const choose = useCallback((id: string) => {
    sessionStorage.setItem(agentKey, id);
    setChosen(id);
  }, []);
  const say = useCallback((text: string) => ask(text, agent?.id), [ask, agent?.id]);

  const composer = <Composer agents={agents} agent={agent} onChoose={choose} onSay={say} busy={asking} />;
  const empty = <EmptyState agent={agent} onAsk={say} busy={asking} />;

  return (
    <main className="conversation">
      {conversationId
        ? <LiveTimeline conversationId={conversationId} agents={agents} empty={empty} composer={composer} onShowList={onShowList} />
        : <>
            <Header title="New conversation" onShowList={onShowList} />
            <div className="conversation__scroll">{empty}</div>
            {composer}
          </>}
    </main>
  );
}
