export interface BackoffOptions {
  /** Upper bound of the first delay. */
  readonly baseMs?: number;
  /** Upper bound of every delay. */
  readonly maxMs?: number;
  /** Between 0 and 1; replaceable for tests. */
  readonly random?: () => number;
}

/**
 * Exponential backoff with full jitter: attempt n waits a uniformly random time between 0 and
 * `min(maxMs, baseMs * 2^n)`, so that clients which lost the same server do not come back together.
 */
export function backoffDelay(attempt: number, { baseMs = 500, maxMs = 30_000, random = Math.random }: BackoffOptions = {}): number {
  // 2^30 is far beyond any bound and still exact.
  const bound = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random() * bound);
}
