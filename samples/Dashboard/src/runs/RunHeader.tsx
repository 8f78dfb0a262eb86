import { useState } from 'react';
import type { Run } from 'realtimehub-client';
import { isActive } from '../conversation/timeline';
import { useHub } from '../hub/HubContext';
import { useNow } from '../hub/useNow';
import { useReport } from '../toasts/Toasts';
import { Icon, StopIcon } from '../ui/Icon';
import { between, statusLabel, usageLabel } from './format';
import './RunHeader.css';

export function RunHeader({ run, agentName, topic }: { run: Run; agentName: string; topic: string }) {
  const { client } = useHub();
  const report = useReport();
  const [stopping, setStopping] = useState(false);
  const active = isActive(run);
  const now = useNow(active);

  async function stop() {
    setStopping(true);
    const reply = await client.cancelRun({ topic, runId: run.runId, reason: 'Stopped by the operator' });
    setStopping(false);
    // A run that ended by itself meanwhile needs no stopping.
    if (!reply.ok && reply.error.code !== 'conflict') {
      report('The run could not be stopped', reply.error);
    }
  }

  const step = run.steps.findLast((s) => s.status === 'running');
  const facts = [
    between(run.startedAt, active ? now : run.endedAt),
    run.steps.length > 0 ? `${run.steps.length} ${run.steps.length === 1 ? 'step' : 'steps'}` : undefined,
    usageLabel(run.usage),
  ].filter(Boolean);

  return (
    <div className="run-header">
      <span className="run-header__agent">{agentName}</span>
      <span className={`run-header__status run-header__status--${active && run.stalled ? 'waiting' : run.status}`} data-testid="run-status" data-status={run.status}>
        {active && !run.stalled && <Icon name="spinner" className="spin" />}
        {run.status === 'completed' && <Icon name="check" />}
        {statusLabel(run)}
      </span>
      {active && step?.title && <span className="run-header__step">{step.title}</span>}
      <span className="run-header__facts">{facts.join(' · ')}</span>
      {active && (
        <button className="button button--small button--danger" onClick={stop} disabled={stopping || run.cancelRequestedAt !== undefined} data-testid="stop">
          <StopIcon /> Stop
        </button>
      )}
    </div>
  );
}
