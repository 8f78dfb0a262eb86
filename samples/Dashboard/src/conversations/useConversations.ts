import { useCallback, useEffect, useRef, useState } from 'react';
import type { ConversationItem } from 'realtimehub-client';
import { useConnectionState, useHub } from '../hub/HubContext';

export interface Conversations {
  readonly items: readonly ConversationItem[];
  readonly status: 'loading' | 'ready' | 'failed';
  readonly hasMore: boolean;
  readonly refresh: () => void;
  readonly more: () => void;
}

const pageSize = 50;
/** Others' conversations appear by themselves, if not at once. */
const everyMs = 15_000;

/** The caller's conversations, newest activity first. */
export function useConversations(): Conversations {
  const { client } = useHub();
  const connected = useConnectionState().status === 'connected';
  const [items, setItems] = useState<readonly ConversationItem[]>([]);
  const [next, setNext] = useState<string | null>();
  const [status, setStatus] = useState<Conversations['status']>('loading');
  const shown = useRef(pageSize);

  const load = useCallback(async () => {
    try {
      const page = await client.http.conversations({ limit: Math.min(200, shown.current) });
      setItems(page.items.filter((item) => !item.archived));
      setNext(page.next);
      setStatus('ready');
    } catch {
      // What is there stays; the connection's state says what is wrong.
      setStatus((now) => (now === 'loading' ? 'failed' : now));
    }
  }, [client]);

  const refresh = useCallback(() => void load(), [load]);
  const more = useCallback(() => {
    shown.current += pageSize;
    void load();
  }, [load]);

  useEffect(() => {
    void load();
    const timer = setInterval(() => { if (!document.hidden) { void load(); } }, everyMs);
    addEventListener('focus', refresh);
    return () => {
      clearInterval(timer);
      removeEventListener('focus', refresh);
    };
  }, [load, refresh, connected]);

  return { items, status, hasMore: Boolean(next) && shown.current < 200, refresh, more };
}
