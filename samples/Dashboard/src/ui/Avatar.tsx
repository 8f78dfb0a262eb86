import './Avatar.css';

/** At most two letters: of the first two words, or of the beginning of one. */
export function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean);
  const letters = words.length > 1 ? `${first(words[0]!)}${first(words[1]!)}` : [...(words[0] ?? '?')].slice(0, 2).join('');
  return letters.toUpperCase();
}

function first(word: string): string {
  return [...word][0] ?? '';
}

function hue(id: string): number {
  let sum = 0;
  for (const c of id) {
    sum = (sum * 31 + c.codePointAt(0)!) % 9973;
  }
  // Multiples of the golden angle lie far apart.
  return Math.round(sum * 137.508) % 360;
}

/** Somebody, by initials; agents are square. */
export function Avatar({ id, name, agent = false, small = false }: { id: string; name?: string; agent?: boolean; small?: boolean }) {
  return (
    <span className={`avatar ${agent ? 'avatar--agent' : ''} ${small ? 'avatar--small' : ''}`}
      style={{ '--hue': hue(id) } as React.CSSProperties} aria-hidden="true">
      {initials(name ?? id)}
    </span>
  );
}
