import type { ReconnectingConnection } from './connection.js';
import type { Reply } from './wire/replies.js';
import type { CommandMap } from './wire/requests.js';

export interface CommandOptions {
  /** How long to try, connecting again included; 30 s when absent. */
  readonly timeoutMs?: number;
  /** False for what is safe to repeat as it is and takes no key, such as `PublishEvents`, whose events have ids. */
  readonly keyed?: boolean;
}

/**
 * Sends commands. A command that was under way when the connection broke is sent again with the same idempotency key,
 * so it is carried out once, whether or not the server had it already.
 */
export class Commands {
  constructor(
    private readonly connection: ReconnectingConnection,
    private readonly timeoutMs = 30_000,
  ) {}

  /** A command that has a typed request. */
  send<K extends keyof CommandMap>(
    method: K, request: CommandMap[K]['request'], options?: CommandOptions,
  ): Promise<Reply<CommandMap[K]['value']>> {
    return this.invoke<CommandMap[K]['value']>(method, request, options);
  }

  /** Any command of the hub; adds an idempotency key when the request has none. Never rejects: failures are replies. */
  async invoke<T>(method: string, request: object, options: CommandOptions = {}): Promise<Reply<T>> {
    const { timeoutMs = this.timeoutMs, keyed = true } = options;
    const key = keyed ? { idempotencyKey: (request as { idempotencyKey?: string }).idempotencyKey ?? newKey() } : {};
    const body = { ...request, ...key };
    const unanswered = (message: string): Reply<T> => ({ ok: false, error: { code: 'unavailable', message, details: key } });

    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<'late'>((resolve) => { timer = setTimeout(() => resolve('late'), timeoutMs); });
    try {
      for (;;) {
        const state = await Promise.race([deadline, this.connection.until((s) => s.status === 'connected' || s.status === 'closed')]);
        if (state === 'late') {
          return unanswered('There was no connection in time. The command is not known to be stored; repeating it with the same key is safe.');
        }
        if (state.status === 'closed') {
          return unanswered(state.reason.message);
        }

        const { generation } = this.connection;
        try {
          const reply = await Promise.race([deadline, this.connection.invoke(method, body) as Promise<Reply<T>>]);
          return reply === 'late'
            ? unanswered('No answer came in time. The command is not known to be stored; repeating it with the same key is safe.')
            : reply;
        } catch (error) {
          const here = this.connection.generation === generation && this.connection.state.status === 'connected';
          if (here) {
            // The connection stands, so it was the server that refused the invocation itself.
            return { ok: false, error: { code: 'internal', message: error instanceof Error ? error.message : String(error) } };
          }
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A random UUID; `crypto.randomUUID` exists on secure origins only. */
function newKey(): string {
  if (typeof crypto.randomUUID === 'function') {
    return crypto.randomUUID();
  }
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
