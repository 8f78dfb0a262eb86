import { useEffect, useRef, useState } from 'react';
import type { Participant } from 'realtimehub-client';
import { useHub } from '../hub/HubContext';
import { useReport } from '../toasts/Toasts';
import { Avatar } from '../ui/Avatar';
import { Icon } from '../ui/Icon';
import { AddParticipant } from './AddParticipant';
import './Participants.css';

const facesShown = 4;

export function Participants({ conversationId, participants }: { conversationId: string; participants: readonly Participant[] }) {
  const { client, session } = useHub();
  const report = useReport();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const me = participants.find((p) => p.kind === 'user' && p.id === session.user);

  useEffect(() => {
    if (!open) {
      return;
    }
    const outside = (e: PointerEvent) => { if (!root.current?.contains(e.target as Node)) { setOpen(false); } };
    const escape = (e: KeyboardEvent) => { if (e.key === 'Escape') { setOpen(false); } };
    addEventListener('pointerdown', outside);
    addEventListener('keydown', escape);
    return () => {
      removeEventListener('pointerdown', outside);
      removeEventListener('keydown', escape);
    };
  }, [open]);

  async function remove(participant: Participant) {
    const { kind, id } = participant;
    const reply = await client.removeParticipant({ conversationId, participant: { kind, id } });
    if (!reply.ok) {
      report('The participant was not removed', reply.error);
    }
  }

  return (
    <div className="participants" ref={root}>
      <button className="participants__faces" onClick={() => setOpen(!open)} aria-expanded={open} aria-haspopup="dialog"
        aria-label={`${participants.length} participants`} data-testid="participants">
        {participants.slice(0, facesShown).map((p) => <Avatar key={`${p.kind}:${p.id}`} id={p.id} name={p.displayName} agent={p.kind === 'agent'} small />)}
        {participants.length > facesShown && <span className="participants__more">+{participants.length - facesShown}</span>}
        <Icon name="people" />
      </button>
      {open && (
        <div className="participants__panel" role="dialog" aria-label="Participants">
          <ul>
            {participants.map((p) => (
              <li key={`${p.kind}:${p.id}`} data-testid="participant" data-id={p.id}>
                <Avatar id={p.id} name={p.displayName} agent={p.kind === 'agent'} small />
                <span className="participants__name">{p.displayName ?? p.id}{p === me && <small> you</small>}</span>
                <span className="participants__role">{p.role ?? 'member'}</span>
                {(me?.role === 'owner' || p === me) && (
                  <button className="button button--quiet button--icon button--small" onClick={() => void remove(p)} data-testid="participant-remove"
                    aria-label={p === me ? 'Leave the conversation' : `Remove ${p.displayName ?? p.id}`}>
                    <Icon name={p === me ? 'out' : 'cross'} />
                  </button>
                )}
              </li>
            ))}
          </ul>
          <AddParticipant conversationId={conversationId} />
        </div>
      )}
    </div>
  );
}
