/** How long ago, in as few letters as a list has room for. */
export function relativeTime(iso: string, now: number): string {
  const then = Date.parse(iso);
  const seconds = Math.max(0, (now - then) / 1_000);
  if (Number.isNaN(seconds)) {
    return '';
  }
  if (seconds < 60) {
    return 'now';
  }
  if (seconds < 3_600) {
    return `${Math.floor(seconds / 60)} min`;
  }
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3_600)} h`;
  }
  if (seconds < 7 * 86_400) {
    return `${Math.floor(seconds / 86_400)} d`;
  }
  return new Date(then).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
