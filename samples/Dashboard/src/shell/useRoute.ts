import { useCallback, useSyncExternalStore } from 'react';

export function conversationOf(hash: string): string | undefined {
  return /^#\/c\/([A-Za-z0-9_-]{1,64})$/.exec(hash)?.[1];
}

function listen(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** The conversation in the address, so that a reload and the back button return to it; none: a new one. */
export function useRoute(): readonly [string | undefined, (conversationId: string | undefined) => void] {
  const hash = useSyncExternalStore(listen, () => location.hash);
  const go = useCallback((id: string | undefined) => { location.hash = id ? `#/c/${id}` : '#/'; }, []);
  return [conversationOf(hash), go];
}
