import { useEffect, useRef, useState } from 'react';
import {
  applyEvents, backfill, fromSnapshot,
  type ConversationState, type HubEvent, type RealtimeHubClient, type SubscriptionChange,
} from 'realtimehub-client';
import { useHub } from '../hub/HubContext';

export type ConversationStatus = 'loading' | 'ready' | 'not_found' | 'forbidden' | 'revoked' | 'failed';

export interface LiveConversation {
  readonly state: ConversationState | undefined;
  readonly status: ConversationStatus;
  /** Counts what went well after a reconnection; `how` says whether by cursor or from a new snapshot. */
  readonly resumed: { readonly count: number; readonly how: 'resumed' | 'reloaded' };
}

const problems: Partial<Record<SubscriptionChange['status'], ConversationStatus>> = {
  not_found: 'not_found', forbidden: 'forbidden', revoked: 'revoked', failed: 'failed', limit: 'failed',
};

/** The state of a conversation as it is now, kept current by its events. */
export function useConversation(id: string): LiveConversation {
  const { client } = useHub();
  const [state, setState] = useState<ConversationState>();
  const [status, setStatus] = useState<ConversationStatus>('loading');
  const [resumed, setResumed] = useState<LiveConversation['resumed']>({ count: 0, how: 'resumed' });
  const latest = useRef<ConversationState>(undefined);

  useEffect(() => {
    // Tokens may come much faster than frames; the page shows the newest state once per frame.
    let frame = 0;
    const show = (next: ConversationState) => {
      latest.current = next;
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        setState(latest.current);
      });
    };

    const subscription = client.subscribe<ConversationState>(`conversation:${id}`, { from: 'snapshot' }, {
      onSnapshot: (snapshot) => {
        const fresh = fromSnapshot(snapshot);
        show(fresh);
        setStatus('ready');
        void pastActivity(client, id).then((events) => { if (latest.current) { show(backfill(latest.current, events)); } });
      },
      onEvents: (events) => { if (latest.current) { show(applyEvents(latest.current, events)); } },
      onChanged: ({ status: change }) => {
        const problem = problems[change];
        if (problem) {
          setStatus(problem);
        }
        if (change === 'resumed' || change === 'reset' || change === 'expired') {
          setResumed(({ count }) => ({ count: count + 1, how: change === 'resumed' ? 'resumed' : 'reloaded' }));
        }
      },
    });
    return () => {
      subscription.close();
      cancelAnimationFrame(frame);
      latest.current = undefined;
    };
  }, [client, id]);

  return { state, status, resumed };
}

/** What snapshots leave out: finished reasoning, and when things began. Nice to have, so a failure is silent. */
async function pastActivity(client: RealtimeHubClient, id: string): Promise<readonly HubEvent[]> {
  try {
    const types = ['run.requested', 'run.steered', 'reasoning.started', 'reasoning.completed', 'tool_call.started', 'tool_call.completed'];
    return (await client.http.history(`conversation:${id}`, { before: '', limit: 500, types })).events;
  } catch {
    return [];
  }
}
