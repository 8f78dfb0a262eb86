import { ConversationList } from '../conversations/ConversationList';
import type { Conversations } from '../conversations/useConversations';
import { useHub } from '../hub/HubContext';
import { Avatar } from '../ui/Avatar';
import { Icon, Logo } from '../ui/Icon';
import { ThemeToggle } from './ThemeToggle';
import './Sidebar.css';

interface Props {
  readonly conversations: Conversations;
  readonly selected: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
  readonly onSignOut: () => void;
}

export function Sidebar({ conversations, selected, onOpen, onSignOut }: Props) {
  const { session } = useHub();
  return (
    <nav className="sidebar" aria-label="Conversations">
      <div className="sidebar__brand"><Logo /> RealtimeHub</div>
      <button className="button sidebar__new" onClick={() => onOpen(undefined)} data-testid="new-conversation"
        aria-current={selected === undefined ? 'page' : undefined}>
        <Icon name="plus" /> New conversation
      </button>
      <ConversationList conversations={conversations} selected={selected} onOpen={onOpen} />
      <div className="sidebar__user">
        <Avatar id={session.user} />
        <div className="sidebar__name">
          <div data-testid="current-user">{session.user}</div>
          <div className="sidebar__tenant">{session.tenant}</div>
        </div>
        <ThemeToggle />
        <button className="button button--quiet button--icon button--small" onClick={onSignOut} aria-label="Sign out" data-testid="sign-out">
          <Icon name="out" />
        </button>
      </div>
    </nav>
  );
}
