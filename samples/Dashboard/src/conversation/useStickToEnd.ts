import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Within this many pixels of the end somebody is reading the newest. */
const nearPx = 80;

/** Keeps the end in view while somebody is there, and leaves those alone who have scrolled up. */
export function useStickToEnd(content: unknown) {
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [away, setAway] = useState(false);

  const onScroll = useCallback(() => {
    const { scrollHeight, scrollTop, clientHeight } = box.current!;
    stuck.current = scrollHeight - scrollTop - clientHeight < nearPx;
    setAway(!stuck.current);
  }, []);

  const toEnd = useCallback((behavior: ScrollBehavior = 'smooth') => {
    stuck.current = true;
    setAway(false);
    box.current?.scrollTo({ top: box.current.scrollHeight, behavior });
  }, []);

  useLayoutEffect(() => {
    if (stuck.current && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [content]);

  // A narrower window makes the text longer.
  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const observer = new ResizeObserver(() => { if (stuck.current) { element.scrollTop = element.scrollHeight; } });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return { box, away, onScroll, toEnd };
}
