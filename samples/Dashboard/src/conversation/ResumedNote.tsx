import { useEffect, useState } from 'react';
import { Icon } from '../ui/Icon';
import type { LiveConversation } from './useConversation';
import './ResumedNote.css';

const shownMs = 6_000;

/** Says, after a reconnection, that the lost time is back. */
export function ResumedNote({ resumed }: { resumed: LiveConversation['resumed'] }) {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    if (resumed.count === 0) {
      return;
    }
    setVisible(true);
    const timer = setTimeout(() => setVisible(false), shownMs);
    return () => clearTimeout(timer);
  }, [resumed.count]);

  return (
    <div className="resumed" role="status">
      {visible && (
        <span className="resumed__note" data-testid="resumed-note">
          <Icon name="check" /> {resumed.how === 'resumed' ? 'Resumed, nothing missed' : 'Reloaded from the current state'}
        </span>
      )}
    </div>
  );
}
