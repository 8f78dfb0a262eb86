import { useState, type FormEvent } from 'react';
import type { Participant } from 'realtimehub-client';
import { useHub } from '../hub/HubContext';
import { useReport } from '../toasts/Toasts';

export function AddParticipant({ conversationId }: { conversationId: string }) {
  const { client } = useHub();
  const report = useReport();
  const [id, setId] = useState('');
  const [role, setRole] = useState<NonNullable<Participant['role']>>('member');
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    const reply = await client.addParticipant({ conversationId, participant: { kind: 'user', id: id.trim(), role } });
    setBusy(false);
    if (reply.ok) {
      setId('');
    } else {
      report('The participant was not added', reply.error);
    }
  }

  return (
    <form className="participants__add" onSubmit={submit}>
      <input className="input" value={id} onChange={(e) => setId(e.target.value)} placeholder="User id" aria-label="User id" required
        autoFocus autoComplete="off" data-testid="participant-id" />
      <select className="input" value={role} onChange={(e) => setRole(e.target.value as typeof role)} aria-label="Role" data-testid="participant-role">
        <option value="member">Member</option>
        <option value="observer">Observer</option>
        <option value="owner">Owner</option>
      </select>
      <button className="button button--primary" disabled={busy || id.trim() === ''} data-testid="participant-add">Add</button>
    </form>
  );
}
