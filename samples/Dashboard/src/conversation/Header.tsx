import type { ConversationState } from 'realtimehub-client';
import { ConnectionPill } from '../hub/ConnectionPill';
import { Participants } from '../participants/Participants';
import { Icon } from '../ui/Icon';
import './Header.css';

interface Props {
  readonly title: string;
  readonly state?: ConversationState;
  readonly onShowList: () => void;
}

export function Header({ title, state, onShowList }: Props) {
  return (
    <header className="header">
      <button className="button button--quiet button--icon header__menu" onClick={onShowList} aria-label="Show the conversations" data-testid="show-list">
        <Icon name="menu" />
      </button>
      <h1 className="header__title" title={title}>{title || '\u00a0'}</h1>
      <ConnectionPill />
      {state && <Participants conversationId={state.id} participants={state.participants} />}
    </header>
  );
}
