import { useState, type FormEvent } from 'react';
import { useHub } from '../hub/HubContext';
import { useReport } from '../toasts/Toasts';
import { Icon } from '../ui/Icon';
import './SteerBox.css';

/** One more instruction for an agent that is at work. */
export function SteerBox({ topic, runId }: { topic: string; runId: string }) {
  const { client } = useHub();
  const report = useReport();
  const [instruction, setInstruction] = useState('');
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const text = instruction.trim();
    if (!text || busy) {
      return;
    }
    setBusy(true);
    const reply = await client.steerRun({ topic, runId, instruction: text });
    setBusy(false);
    if (reply.ok) {
      setInstruction('');
    } else {
      report('The agent was not steered', reply.error);
    }
  }

  return (
    <form className="steer" onSubmit={submit}>
      <Icon name="steer" className="steer__icon" />
      <input value={instruction} onChange={(e) => setInstruction(e.target.value)} placeholder="Steer it: shorter, only protocol.md, look for cursors instead…"
        aria-label="Instruction for the running agent" data-testid="steer-input" />
      <button className="button button--small" disabled={busy || instruction.trim() === ''} data-testid="steer-send">Steer</button>
    </form>
  );
}
