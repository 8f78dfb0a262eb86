/** A small, safe part of Markdown, as data. Nothing of it is ever HTML. */
export type Inline =
  | { readonly kind: 'text' | 'code' | 'cite'; readonly text: string }
  | { readonly kind: 'strong' | 'em'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] };

export type Block =
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly start: number; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly children: readonly Block[] }
  | { readonly kind: 'rule' };

const extensions = 'md|mdx|txt|cs|csproj|props|targets|sln|razor|tsx?|jsx?|mjs|cjs|css|html|json|ya?ml|toml|xml|py|go|rs|java|kt|swift|rb|php|sh|sql|proto|cpp|hpp|c|h|config|conf';
const citation = String.raw`(?:[\w@.-]+\/)*[\w@.-]+\.(?:${extensions}):\d+(?:[-–:]\d+)?`;
const wholeCitation = new RegExp(`^${citation}$`);

const inlinePattern = new RegExp([
  `\\[\`(?<quoted>${citation})\`\\]`,
  '(?<ticks>`+)(?<code>[^`]+)\\k<ticks>(?!`)',
  '\\*\\*(?<strong>(?:[^*]|\\*[^*]+\\*)+?)\\*\\*(?!\\*)',
  '(?<![\\w*])\\*(?<em>[^\\s*][^*]*)\\*(?!\\w)',
  '\\[(?<label>[^\\]\\n]+)\\]\\((?<href>https?:\\/\\/[^\\s)]+)\\)',
  '(?<url>https?:\\/\\/[^\\s<>)\\]]*[^\\s<>)\\].,;:!?])',
  `\\[(?<bracketed>${citation})\\]|\\((?<round>${citation})\\)|(?<![\\w/.])(?<cite>${citation})`,
].join('|'), 'g');

export function parseInline(text: string): Inline[] {
  const out: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(inlinePattern)) {
    if (match.index > end) {
      out.push({ kind: 'text', text: text.slice(end, match.index) });
    }
    end = match.index + match[0].length;
    out.push(inlineOf(match.groups!));
  }
  if (end < text.length) {
    out.push({ kind: 'text', text: text.slice(end) });
  }
  return out;
}

function inlineOf(groups: Record<string, string | undefined>): Inline {
  const { code, strong, em, label, href, url } = groups;
  if (code !== undefined) {
    return { kind: wholeCitation.test(code.trim()) ? 'cite' : 'code', text: code.trim() || code };
  }
  if (strong !== undefined) {
    return { kind: 'strong', children: parseInline(strong) };
  }
  if (em !== undefined) {
    return { kind: 'em', children: parseInline(em) };
  }
  if (href !== undefined) {
    return { kind: 'link', href, children: [{ kind: 'text', text: label! }] };
  }
  if (url !== undefined) {
    return { kind: 'link', href: url, children: [{ kind: 'text', text: url }] };
  }
  return { kind: 'cite', text: (groups['quoted'] ?? groups['bracketed'] ?? groups['round'] ?? groups['cite'])! };
}

const fence = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const heading = /^(#{1,6})\s+(.*?)\s*#*$/;
const bullet = /^(\s*)([-*+•])\s+(.*)$/;
const number = /^(\s*)(\d{1,9})[.)]\s+(.*)$/;
const rule = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;

export function parseMarkdown(source: string): Block[] {
  return parseBlocks(source.replace(/\r\n?/g, '\n').split('\n'));
}

function parseBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i]!;
    const fenced = fence.exec(line);
    const title = heading.exec(line);
    if (line.trim() === '') {
      i++;
    } else if (fenced) {
      i = takeFence(lines, i, fenced, blocks);
    } else if (title) {
      blocks.push({ kind: 'heading', level: title[1]!.length, children: parseInline(title[2]!) });
      i++;
    } else if (rule.test(line)) {
      blocks.push({ kind: 'rule' });
      i++;
    } else if (line.startsWith('>')) {
      let end = i;
      while (lines[end]?.startsWith('>')) {
        end++;
      }
      blocks.push({ kind: 'quote', children: parseBlocks(lines.slice(i, end).map((l) => l.replace(/^> ?/, ''))) });
      i = end;
    } else if (bullet.test(line) || number.test(line)) {
      i = takeList(lines, i, blocks);
    } else {
      i = takeParagraph(lines, i, blocks);
    }
  }
  return blocks;
}

/** Up to the closing fence, or to the end: an answer that is still being written has none yet. */
function takeFence(lines: readonly string[], at: number, [, mark, language]: RegExpExecArray, blocks: Block[]): number {
  let end = at + 1;
  while (end < lines.length && !lines[end]!.trim().startsWith(mark!)) {
    end++;
  }
  blocks.push({ kind: 'code', language: language ?? '', text: lines.slice(at + 1, end).join('\n') });
  return end + 1;
}

/** Items of one kind at one indentation; what is indented deeper belongs to the item before it. */
function takeList(lines: readonly string[], at: number, blocks: Block[]): number {
  const ordered = number.test(lines[at]!);
  const marker = ordered ? number : bullet;
  const [, indent, first] = marker.exec(lines[at]!)!;
  const items: string[][] = [];
  let i = at;
  for (; i < lines.length; i++) {
    const line = lines[i]!;
    const item = marker.exec(line);
    if (item && item[1]!.length <= indent!.length + 1) {
      items.push([item[3]!]);
    } else if (line.trim() === '') {
      const next = lines.slice(i).find((l) => l.trim() !== '');
      const goesOn = next !== undefined && (/^\s{2,}/.test(next) || (marker.exec(next)?.[1]!.length ?? 99) <= indent!.length + 1);
      if (!goesOn) {
        break;
      }
      items.at(-1)!.push('');
    } else if (/^\s{2,}/.test(line)) {
      items.at(-1)!.push(line.slice(Math.min(line.search(/\S/), indent!.length + (ordered ? 3 : 2))));
    } else if (startsBlock(line)) {
      break;
    } else {
      items.at(-1)!.push(line);
    }
  }
  blocks.push({ kind: 'list', ordered, start: ordered ? Number(first) : 1, items: items.map(parseBlocks) });
  return i;
}

function takeParagraph(lines: readonly string[], at: number, blocks: Block[]): number {
  let end = at + 1;
  while (end < lines.length && lines[end]!.trim() !== '' && !startsBlock(lines[end]!)) {
    end++;
  }
  blocks.push({ kind: 'paragraph', children: parseInline(lines.slice(at, end).join('\n')) });
  return end;
}

function startsBlock(line: string): boolean {
  return fence.test(line) || heading.test(line) || rule.test(line) || line.startsWith('>') || bullet.test(line) || number.test(line);
}
