import type { CommandOptions, Commands } from './commands.js';
import type { ReconnectingConnection } from './connection.js';
import type { PresenceChangedMessage } from './wire/events.js';
import type { Reply } from './wire/replies.js';
import type { SetPresence } from './wire/requests.js';

/** Says how the caller is there, again on every new connection, and tells how others are. */
export class Presence {
  private readonly said = new Map<string, SetPresence>();
  private readonly listeners = new Set<(message: PresenceChangedMessage) => void>();

  constructor(
    connection: ReconnectingConnection,
    private readonly commands: Commands,
    onError: (error: unknown) => void,
  ) {
    connection.on<PresenceChangedMessage>('PresenceChanged', (message) => {
      for (const listener of this.listeners) {
        try {
          listener(message);
        } catch (error) {
          onError(error);
        }
      }
    });
    connection.onState((state) => {
      if (state.status === 'connected') {
        for (const request of this.said.values()) {
          void this.set(request);
        }
      }
    });
  }

  async set(request: SetPresence, options?: CommandOptions): Promise<Reply<Record<string, never>>> {
    const reply = await this.commands.send('SetPresence', request, options);
    const place = request.topic ?? '';
    if (reply.ok && request.state !== 'offline') {
      // Nobody types for as long as a connection is away.
      this.said.set(place, { topic: request.topic, state: request.state === 'typing' ? 'active' : request.state });
    } else if (reply.ok || !['unavailable', 'rate_limited'].includes(reply.error.code)) {
      this.said.delete(place);
    }
    return reply;
  }

  onChange(listener: (message: PresenceChangedMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
