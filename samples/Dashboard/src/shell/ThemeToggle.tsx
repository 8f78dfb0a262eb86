import { Icon } from '../ui/Icon';
import { useTheme } from './useTheme';

export function ThemeToggle() {
  const [theme, toggle] = useTheme();
  return (
    <button className="button button--quiet button--icon button--small" onClick={toggle} data-testid="theme-toggle"
      aria-label={theme === 'dark' ? 'Use light colours' : 'Use dark colours'}>
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
    </button>
  );
}
