import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import type { ReplyError } from 'realtimehub-client';
import { Icon } from '../ui/Icon';
import './Toasts.css';

interface Toast {
  readonly id: number;
  readonly title: string;
  readonly error: Pick<ReplyError, 'code' | 'message'>;
}

type Report = (title: string, error: Pick<ReplyError, 'code' | 'message'>) => void;

const ToastContext = createContext<Report>(() => undefined);

/** Tells that something did not work, with the code that the server gave. */
export function useReport(): Report {
  return useContext(ToastContext);
}

const lifetimeMs = 8_000;
const atMost = 3;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const ids = useRef(0);
  const dismiss = useCallback((id: number) => setToasts((all) => all.filter((t) => t.id !== id)), []);
  const report = useCallback<Report>((title, error) => {
    const id = ++ids.current;
    setToasts((all) => [...all, { id, title, error }].slice(-atMost));
    setTimeout(() => dismiss(id), lifetimeMs);
  }, [dismiss]);

  const list = useMemo(() => toasts.map((toast) => (
    <div key={toast.id} className="toast" role="alert" data-testid="toast" data-code={toast.error.code}>
      <Icon name="warning" className="toast__icon" />
      <div>
        <div className="toast__title">{toast.title} <code>{toast.error.code}</code></div>
        <div className="toast__message">{toast.error.message}</div>
      </div>
      <button className="button button--quiet button--icon button--small" onClick={() => dismiss(toast.id)} aria-label="Dismiss">
        <Icon name="cross" />
      </button>
    </div>
  )), [toasts, dismiss]);

  return <ToastContext value={report}>{children}<div className="toasts">{list}</div></ToastContext>;
}
