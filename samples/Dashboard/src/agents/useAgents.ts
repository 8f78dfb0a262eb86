import { useCallback, useEffect, useMemo, useState } from 'react';
import type { AgentItem, AgentState, AgentStatus } from 'realtimehub-client';
import { useConnectionState, useHub } from '../hub/HubContext';

/** As many are watched live; a connection holds 256 subscriptions. */
const watched = 50;
const everyMs = 20_000;

/** The agents that the caller may see, with their status as it changes. */
export function useAgents(): { readonly items: readonly AgentItem[] } {
  const { client } = useHub();
  const connected = useConnectionState().status === 'connected';
  const [items, setItems] = useState<readonly AgentItem[]>([]);

  const load = useCallback(async () => {
    try {
      setItems((await client.http.agents({ limit: 200 })).items);
    } catch {
      // What is there stays; the connection's state says what is wrong.
    }
  }, [client]);

  useEffect(() => {
    void load();
    // Newly registered agents appear by themselves.
    const timer = setInterval(() => { if (!document.hidden) { void load(); } }, everyMs);
    return () => clearInterval(timer);
  }, [load, connected]);

  const ids = useMemo(() => items.slice(0, watched).map((agent) => agent.id).sort().join(' '), [items]);
  useEffect(() => {
    const set = (id: string, status: AgentStatus) =>
      setItems((all) => all.map((agent) => (agent.id === id && agent.status !== status ? { ...agent, status } : agent)));
    const subscriptions = ids.split(' ').filter(Boolean).map((id) => client.subscribe<AgentState>(`agent:${id}`, { from: 'snapshot' }, {
      onSnapshot: (state) => set(id, state.status),
      onEvents: (events) => {
        for (const event of events) {
          if (event.type === 'agent.status_changed') {
            set(id, event.data['status'] as AgentStatus);
          }
        }
      },
    }));
    return () => subscriptions.forEach((subscription) => subscription.close());
  }, [client, ids]);

  return { items };
}

/** The one chosen last, if it is still there; else one that takes work. */
export function defaultAgent(agents: readonly AgentItem[], chosen: string | undefined): AgentItem | undefined {
  return agents.find((agent) => agent.id === chosen)
    ?? agents.find((agent) => agent.status === 'online')
    ?? agents.find((agent) => agent.status === 'busy')
    ?? agents[0];
}
