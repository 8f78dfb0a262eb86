import { memo } from 'react';
import type { Reasoning } from 'realtimehub-client';
import { useNow } from '../hub/useNow';
import { Markdown } from '../markdown/Markdown';
import { Icon } from '../ui/Icon';
import { between, newestWords, reasoningSummary } from './format';
import './Fold.css';

/** What an agent thought, folded to one line; its newest words while it still thinks. */
export const ReasoningItem = memo(function ReasoningItem({ reasoning, open }: { reasoning: Reasoning; open: boolean }) {
  const now = useNow(open);
  const elapsed = between(reasoning.startedAt, open ? now : reasoning.endedAt);
  const summary = open && reasoning.text ? newestWords(reasoning.text) : reasoningSummary(reasoning);
  return (
    <details className={`fold ${open ? 'fold--open-ended' : ''}`} data-testid="reasoning" data-status={open ? 'open' : 'completed'}>
      <summary>
        <Icon name="thought" className="fold__icon" />
        <span className="fold__name">{open ? 'Thinking' : 'Thought'}{elapsed ? ` for ${elapsed}` : ''}</span>
        <span className="fold__line">{summary}</span>
        <Icon name="chevron" className="fold__chevron" />
      </summary>
      <div className="fold__content fold__content--thought"><Markdown text={reasoning.text} /></div>
    </details>
  );
});
