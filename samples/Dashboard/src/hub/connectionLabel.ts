import type { ConnectionState } from 'realtimehub-client';

export interface ConnectionLabel {
  readonly tone: 'ok' | 'busy' | 'off';
  readonly text: string;
}

/** After this many failed tries it is honest to say that the server is not there. */
const offlineAfter = 4;

export function connectionLabel(state: ConnectionState, now: number): ConnectionLabel {
  switch (state.status) {
    case 'connected':
      return { tone: 'ok', text: 'Connected' };
    case 'idle':
      return { tone: 'busy', text: 'Connecting…' };
    case 'closed':
      return { tone: 'off', text: state.reason.code === 'revoked' ? 'Signed out by the server' : 'Offline' };
    default: {
      const word = state.status === 'connecting' ? 'Connecting' : 'Reconnecting';
      const seconds = state.retryAt === undefined ? 0 : Math.ceil((state.retryAt - now) / 1_000);
      if (state.attempt >= offlineAfter) {
        return { tone: 'off', text: seconds > 0 ? `Offline, next try in ${seconds} s` : 'Offline, trying…' };
      }
      return { tone: 'busy', text: seconds > 0 ? `${word} in ${seconds} s…` : `${word}…` };
    }
  }
}
