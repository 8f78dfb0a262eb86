import type { ReactNode } from 'react';
import type { AgentItem } from 'realtimehub-client';
import { Icon } from '../ui/Icon';
import { Header } from './Header';
import { ResumedNote } from './ResumedNote';
import { Timeline } from './Timeline';
import { useConversation, type ConversationStatus } from './useConversation';
import { useStickToEnd } from './useStickToEnd';

interface Props {
  readonly conversationId: string;
  readonly agents: readonly AgentItem[];
  readonly empty: ReactNode;
  readonly composer: ReactNode;
  readonly onShowList: () => void;
}

const notices: Partial<Record<ConversationStatus, readonly [string, string]>> = {
  not_found: ['There is no such conversation', 'It does not exist, or you are not in it.'],
  forbidden: ['You may not read conversations', 'Your token does not carry the scope for it.'],
  revoked: ['You are no longer in this conversation', 'Somebody removed you. What you had seen is not shown any more.'],
  failed: ['This conversation could not be opened', 'Reload the page to try again.'],
};

/** A conversation as it happens. */
export function LiveTimeline({ conversationId, agents, empty, composer, onShowList }: Props) {
  const { state, status, resumed } = useConversation(conversationId);
  const { box, away, onScroll, toEnd } = useStickToEnd(state);
  const notice = notices[status];

  if (notice) {
    return (
      <>
        <Header title="Conversation" onShowList={onShowList} />
        <div className="conversation__notice" data-testid="conversation-notice"><h2>{notice[0]}</h2><p>{notice[1]}</p></div>
      </>
    );
  }

  const isEmpty = state && state.messages.length === 0 && state.runs.length === 0;
  return (
    <>
      <Header title={state?.title ?? ''} state={state} onShowList={onShowList} />
      <div className="conversation__body">
        <div className="conversation__scroll" ref={box} onScroll={onScroll}>
          {!state && (
            <div className="conversation__column" aria-busy="true" aria-label="Loading">
              {[40, 92, 78, 85].map((w) => <div key={w} className="conversation__ghost" style={{ width: `${w}%` }} />)}
            </div>
          )}
          {isEmpty && empty}
          {state && !isEmpty && <Timeline state={state} agents={agents} />}
        </div>
        <ResumedNote resumed={resumed} />
        {away && (
          <button className="button button--small conversation__jump" onClick={() => toEnd()}><Icon name="down" /> Newest</button>
        )}
      </div>
      {composer}
    </>
  );
}
