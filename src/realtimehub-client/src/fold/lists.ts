/** The list with one item changed; the same list when there is none with that id, or nothing changed. */
export function change<T, K extends keyof T>(list: readonly T[], key: K, id: T[K], by: (item: T) => T): readonly T[] {
  const index = list.findIndex((item) => item[key] === id);
  const item = list[index];
  if (item === undefined) {
    return list;
  }
  const changed = by(item);
  return changed === item ? list : list.with(index, changed);
}

/** The list with an item in place of the one with the same id, or at the end. */
export function put<T, K extends keyof T>(list: readonly T[], key: K, item: T): readonly T[] {
  return list.some((i) => i[key] === item[key]) ? change(list, key, item[key], () => item) : [...list, item];
}

/** The object without the members that are undefined or null: on the wire both mean that there is nothing. */
export function present<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null)) as T;
}
