import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ConnectionState, RealtimeHubClient } from 'realtimehub-client';
import type { Session } from '../session/session';

export interface Hub {
  readonly client: RealtimeHubClient;
  readonly session: Session;
}

export const HubContext = createContext<Hub | null>(null);

export function useHub(): Hub {
  const hub = useContext(HubContext);
  if (!hub) {
    throw new Error('There is no hub here.');
  }
  return hub;
}

export function useConnectionState(): ConnectionState {
  const { client } = useHub();
  return useSyncExternalStore((listener) => client.onStateChange(listener), () => client.state);
}
