import { memo } from 'react';
import type { ToolCall } from 'realtimehub-client';
import { Icon, type IconName } from '../ui/Icon';
import { argumentsLine, between, pretty } from './format';
import './Fold.css';

const icons: Record<ToolCall['status'], IconName> = { open: 'spinner', completed: 'check', failed: 'cross', incomplete: 'warning' };
const words: Record<ToolCall['status'], string> = { open: 'Running', completed: 'Done', failed: 'Failed', incomplete: 'Cut off' };

/** A tool call in one line; its arguments and result inside. */
export const ToolCallItem = memo(function ToolCallItem({ call }: { call: ToolCall }) {
  const args = pretty(call.arguments ?? call.argumentsText);
  const result = pretty(call.result);
  // A server newer than this page may know other states.
  const status = call.status in icons ? call.status : 'completed';
  const took = between(call.startedAt, call.endedAt);
  return (
    <details className={`fold fold--card fold--${status}`} data-testid="tool-call" data-status={status} data-name={call.name}>
      <summary>
        <Icon name={icons[status]} className={`fold__icon ${status === 'open' ? 'spin' : ''}`} />
        <span className="visually-hidden">{words[status]}: </span>
        <span className="fold__name fold__name--code">{call.name}</span>
        <span className="fold__line fold__line--code">{argumentsLine(call.arguments ?? call.argumentsText)}</span>
        {took && took !== '0 s' && <span className="fold__time">{took}</span>}
        <Icon name="chevron" className="fold__chevron" />
      </summary>
      <div className="fold__content">
        {args && <><h4>Arguments</h4><pre tabIndex={0}>{args}</pre></>}
        {result && <><h4>{status === 'failed' ? 'Error' : 'Result'}</h4><pre tabIndex={0}>{result}</pre></>}
        {call.truncated && <p>Shortened: the whole result is in the history.</p>}
        {!args && !result && <p>Nothing to show yet.</p>}
      </div>
    </details>
  );
});
