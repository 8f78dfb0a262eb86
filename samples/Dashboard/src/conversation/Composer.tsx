import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import type { AgentItem } from 'realtimehub-client';
import { AgentPicker } from '../agents/AgentPicker';
import { Icon } from '../ui/Icon';
import './Composer.css';

interface Props {
  readonly agents: readonly AgentItem[];
  readonly agent: AgentItem | undefined;
  readonly onChoose: (id: string) => void;
  readonly onSay: (text: string) => Promise<boolean>;
  readonly busy: boolean;
}

const tallestPx = 220;

export function Composer({ agents, agent, onChoose, onSay, busy }: Props) {
  const [text, setText] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const canSend = text.trim() !== '' && !busy;

  // As tall as what is written, up to a point.
  useEffect(() => {
    const element = area.current!;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, tallestPx)}px`;
  }, [text]);

  async function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!canSend) {
      return;
    }
    const said = text;
    setText('');
    if (!await onSay(said.trim())) {
      // It was not said: give it back, unless something new has been written meanwhile.
      setText((now) => now || said);
    }
    area.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void submit();
    }
  }

  return (
    <div className="composer">
      <form className="composer__box" onSubmit={submit}>
        <textarea ref={area} rows={1} value={text} onChange={(e) => setText(e.target.value)} onKeyDown={onKeyDown} data-testid="composer"
          placeholder={agent ? `Ask ${agent.name || agent.id}…` : 'Write a message…'} aria-label="Message" autoFocus />
        <div className="composer__bar">
          <AgentPicker agents={agents} chosen={agent} onChoose={onChoose} />
          <span className="composer__hint">Enter sends, Shift + Enter breaks the line</span>
          <button className="button button--primary button--icon composer__send" disabled={!canSend} aria-label="Send" data-testid="send">
            <Icon name={busy ? 'spinner' : 'send'} className={busy ? 'spin' : ''} />
          </button>
        </div>
      </form>
    </div>
  );
}
