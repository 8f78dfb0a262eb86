import { memo } from 'react';
import type { Message } from 'realtimehub-client';
import { useHub } from '../hub/HubContext';
import { Markdown } from '../markdown/Markdown';
import { Avatar } from '../ui/Avatar';
import './MessageItem.css';

/** A message: people's in a bubble, one's own on the right; an agent's as plain text. */
export const MessageItem = memo(function MessageItem({ message, name }: { message: Message; name?: string }) {
  const { session } = useHub();
  const { role, status, actor } = message;
  const mine = role === 'user' && actor.kind === 'user' && actor.id === session.user;
  const place = role === 'user' ? (mine ? 'message--mine' : 'message--other') : `message--${role}`;
  return (
    <article className={`message ${place}`} data-testid="message" data-role={role} data-status={status} data-id={message.messageId}>
      {role === 'user' && !mine && <Avatar id={actor.id} name={name} small />}
      <div className="message__body">
        {role === 'user' && !mine && <div className="message__author">{name ?? actor.id}</div>}
        <div className={`message__text ${status === 'open' ? 'message__text--open' : ''}`} data-testid="message-text">
          {role === 'assistant' ? <Markdown text={message.text} /> : message.text}
        </div>
        {status === 'incomplete' && <div className="message__note">Cut off before it was finished</div>}
        {message.truncated && <div className="message__note">Shortened: the whole text is in the history</div>}
      </div>
    </article>
  );
});
