/** A text that grows by deltas; `missing` when a delta did not join it. */
export interface Growing {
  readonly text: string;
  readonly missing?: boolean;
}

/**
 * The text with a delta appended. `offset` is the number of UTF-16 units before the delta, which is also how JavaScript
 * counts: what is already there is not appended again, and after a hole nothing is until `completed` brings the whole.
 */
export function append<T extends Growing>(item: T, delta: string, offset: number | null | undefined): T {
  const at = offset ?? item.text.length;
  if (at > item.text.length) {
    return item.missing ? item : { ...item, missing: true };
  }
  const known = item.text.length - at;
  return known >= delta.length ? item : { ...item, text: item.text + delta.slice(known) };
}
