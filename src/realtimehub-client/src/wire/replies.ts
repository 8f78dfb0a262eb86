import type { JsonObject } from './json.js';

/** The closed list of error codes, the same on hubs and on HTTP. */
export type ErrorCode =
  | 'invalid_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable'
  | 'internal';

/** Why a request was not carried out. */
export interface ReplyError {
  readonly code: ErrorCode;
  readonly message: string;
  /** What is wrong with each member, by its path. */
  readonly errors?: Readonly<Record<string, readonly string[]>> | null;
  readonly details?: JsonObject | null;
  readonly retryAfterMs?: number | null;
}

/** The answer to a hub method. `seq` is the appended event's; absent when nothing had to be appended. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T; readonly seq?: number | null }
  | { readonly ok: false; readonly error: ReplyError };
