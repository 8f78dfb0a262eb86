import type { ErrorCode, Reply, ReplyError } from './wire/replies.js';

/** An error of the service, with the same code whether it came over a hub or over HTTP. */
export class RealtimeHubError extends Error implements ReplyError {
  readonly code: ErrorCode;
  readonly errors: ReplyError['errors'];
  readonly details: ReplyError['details'];
  readonly retryAfterMs: number | null | undefined;
  /** The HTTP status, when it came over HTTP. */
  readonly status: number | undefined;

  constructor(error: ReplyError, status?: number) {
    super(error.message);
    this.name = 'RealtimeHubError';
    this.code = error.code;
    this.errors = error.errors;
    this.details = error.details;
    this.retryAfterMs = error.retryAfterMs;
    this.status = status;
  }
}

/** The value of a reply that succeeded; throws the error of one that failed. */
export function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) {
    return reply.value;
  }
  throw new RealtimeHubError(reply.error);
}
