import { useCallback, useEffect, useState } from 'react';

type Theme = 'light' | 'dark';
const storageKey = 'realtimehub.theme';
const query = () => matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | undefined {
  const theme = localStorage.getItem(storageKey);
  return theme === 'light' || theme === 'dark' ? theme : undefined;
}

/** What the system prefers, until somebody chooses. */
export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(() => chosen() ?? (query().matches ? 'dark' : 'light'));

  useEffect(() => { document.documentElement.dataset['theme'] = theme; }, [theme]);

  useEffect(() => {
    const system = query();
    const follow = () => { if (!chosen()) { setTheme(system.matches ? 'dark' : 'light'); } };
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, []);

  const toggle = useCallback(() => setTheme((now) => {
    const next = now === 'dark' ? 'light' : 'dark';
    localStorage.setItem(storageKey, next);
    return next;
  }), []);
  return [theme, toggle];
}
