import type { Json, Reasoning, Run, RunStatus, Usage } from 'realtimehub-client';
import { isActive } from '../conversation/timeline';

/** `3 s`, `2 min 5 s`, `1 h 4 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3_600) {
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

export function between(from: string | undefined, to: string | number | undefined): string | undefined {
  if (from === undefined || to === undefined) {
    return undefined;
  }
  const ms = (typeof to === 'number' ? to : Date.parse(to)) - Date.parse(from);
  return Number.isNaN(ms) ? undefined : duration(ms);
}

const labels: Record<RunStatus, string> = {
  requested: 'Waiting for the agent', running: 'Working', waiting: 'Waiting for you', completed: 'Done', failed: 'Failed', cancelled: 'Stopped',
};

export function statusLabel(run: Run): string {
  if (!isActive(run)) {
    return labels[run.status];
  }
  return run.stalled ? 'Agent offline' : run.cancelRequestedAt ? 'Stopping' : labels[run.status];
}

/** `1 token`, `1.2k tokens`, and the cost if there is one. */
export function usageLabel(usage: Usage | undefined): string | undefined {
  const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
  if (!usage || tokens === 0) {
    return undefined;
  }
  const count = tokens < 1_000 ? String(tokens) : `${(tokens / 1_000).toFixed(tokens < 10_000 ? 1 : 0)}k`;
  return `${count} ${tokens === 1 ? 'token' : 'tokens'}${usage.cost ? `, $${usage.cost < 0.1 ? usage.cost.toFixed(4) : usage.cost.toFixed(2)}` : ''}`;
}

/** What a reasoning was about: its title, or how it begins. */
export function reasoningSummary(reasoning: Reasoning): string {
  if (reasoning.title) {
    return reasoning.title;
  }
  const line = reasoning.text.trim().split('\n')[0]!.replace(/[*_#`]/g, '').trim();
  const sentence = /^.{8,}?[.!?](?=\s|$)/.exec(line)?.[0] ?? line;
  return sentence.length > 90 ? `${sentence.slice(0, 88).toWellFormed().trimEnd()}…` : sentence;
}

/** The end of a text that grows, from the beginning of a word. */
export function newestWords(text: string): string {
  const end = text.trimEnd().replace(/\s+/g, ' ');
  return end.length <= 90 ? end : `…${end.slice(-90).replace(/^\S*\s/, ' ')}`;
}

/** JSON for people: texts as they are, the rest indented. */
export function pretty(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value, null, 2);
}

/** Arguments in one line: of an object with one member its value, else `name: value` pairs. */
export function argumentsLine(value: Json | undefined): string {
  if (value === undefined || value === null) {
    return '';
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    return pretty(value).replace(/\s+/g, ' ');
  }
  const entries = Object.entries(value).filter(([, v]) => v !== null && v !== undefined);
  const short = (v: unknown) => (typeof v === 'string' ? v : JSON.stringify(v));
  return (entries.length === 1 ? short(entries[0]![1]) : entries.map(([k, v]) => `${k}: ${short(v)}`).join(', ')).replace(/\s+/g, ' ');
}
