import { Icon } from '../ui/Icon';
import { relativeTime } from './relativeTime';
import type { Conversations } from './useConversations';
import './ConversationList.css';

interface Props {
  readonly conversations: Conversations;
  readonly selected: string | undefined;
  readonly onOpen: (id: string) => void;
}

export function ConversationList({ conversations, selected, onOpen }: Props) {
  const { items, status, hasMore, more, refresh } = conversations;
  if (status === 'loading') {
    return <div className="conversations" aria-busy="true">{[72, 54, 64, 48].map((w) => <div key={w} className="conversations__ghost" style={{ width: `${w}%` }} />)}</div>;
  }
  if (status === 'failed') {
    return (
      <div className="conversations conversations--note">
        <p>The list could not be loaded.</p>
        <button className="button button--small" onClick={refresh}>Try again</button>
      </div>
    );
  }
  if (items.length === 0) {
    return <div className="conversations conversations--note"><Icon name="chat" /><p>Conversations that you are in appear here.</p></div>;
  }
  const now = Date.now();
  return (
    <ul className="conversations">
      {items.map((item) => (
        <li key={item.id}>
          <a className="conversations__item" href={`#/c/${item.id}`} aria-current={item.id === selected ? 'page' : undefined}
            data-testid="conversation-item" data-id={item.id} onClick={() => onOpen(item.id)}>
            <span className="conversations__title">{item.title || 'Untitled'}</span>
            <time className="conversations__time" dateTime={item.updatedAt}>{relativeTime(item.updatedAt, now)}</time>
          </a>
        </li>
      ))}
      {hasMore && <li><button className="button button--quiet button--small" onClick={more}>Show more</button></li>}
    </ul>
  );
}
