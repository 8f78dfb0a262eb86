import { memo } from 'react';
import type { Run } from 'realtimehub-client';
import { MessageItem } from '../conversation/MessageItem';
import { isActive, type Activity } from '../conversation/timeline';
import { Avatar } from '../ui/Avatar';
import { Icon } from '../ui/Icon';
import { ReasoningItem } from './ReasoningItem';
import { RunHeader } from './RunHeader';
import { SteerBox } from './SteerBox';
import { ToolCallItem } from './ToolCallItem';
import './RunItem.css';

interface Props {
  readonly run: Run;
  readonly activities: readonly Activity[];
  readonly topic: string;
  readonly agentName: string;
}

/** What an agent does with one request: how it stands, what it did, what it says. */
export const RunItem = memo(function RunItem({ run, activities, topic, agentName }: Props) {
  const active = isActive(run);
  const last = activities.at(-1);
  const quiet = run.status === 'running' && !run.stalled && !isOpen(last);
  return (
    <section className="run" data-testid="run" data-id={run.runId} aria-label={`${agentName}'s work`}>
      <Avatar id={run.agentId} name={agentName} agent />
      <div className="run__body">
        <RunHeader run={run} agentName={agentName} topic={topic} />
        {activities.map((activity) => <ActivityItem key={activity.key} activity={activity} />)}
        {quiet && <div className="run__working" aria-hidden="true"><span /><span /><span /></div>}
        {run.status === 'failed' && (
          <div className="run__failure" role="alert" data-testid="run-error">
            <Icon name="warning" /> <span>{run.error?.message ?? 'The run failed.'} {run.error && <code>{run.error.code}</code>}</span>
          </div>
        )}
        {run.status === 'cancelled' && <div className="run__stopped">{run.reason ?? 'Stopped'}</div>}
        {active && run.status !== 'requested' && !run.cancelRequestedAt && <SteerBox topic={topic} runId={run.runId} />}
      </div>
    </section>
  );
});

function isOpen(activity: Activity | undefined): boolean {
  switch (activity?.kind) {
    case 'message': return activity.message.status === 'open';
    case 'reasoning': return activity.open;
    case 'tool_call': return activity.call.status === 'open';
    default: return false;
  }
}

function ActivityItem({ activity }: { activity: Activity }) {
  switch (activity.kind) {
    case 'message':
      return <MessageItem message={activity.message} />;
    case 'reasoning':
      return <ReasoningItem reasoning={activity.reasoning} open={activity.open} />;
    case 'tool_call':
      return <ToolCallItem call={activity.call} />;
    case 'steering':
      return <div className="run__steering" data-testid="steering"><Icon name="steer" /> <span><b>{activity.by}</b> {activity.text}</span></div>;
  }
}
