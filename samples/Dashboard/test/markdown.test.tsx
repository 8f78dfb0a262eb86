import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Markdown } from '../src/markdown/Markdown';
import { parseInline, parseMarkdown } from '../src/markdown/parse';

const html = (text: string) => renderToStaticMarkup(<Markdown text={text} />).replace(/^<div class="markdown">|<\/div>$/g, '');

describe('Markdown', () => {
  it('takes the brackets around a citation in ticks with it', () => {
    expect(parseInline('so it is. [`docs/protocol.md:24`]')).toEqual([
      { kind: 'text', text: 'so it is. ' },
      { kind: 'cite', text: 'docs/protocol.md:24' },
    ]);
  });

  it('never lets text become markup', () => {
    const out = html('<img src=x onerror=alert(1)> **<script>x</script>** `<b>`\n\n```html\n<i>\n```');
    expect(out).not.toMatch(/<(img|script|b|i)\b/);
    expect(out).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  it.each(['[x](javascript:alert(1))', '[x](data:text/html,y)', '[x](/relative)'])('makes no link of %s', (text) => {
    expect(html(text)).not.toContain('<a');
  });

  it('opens links elsewhere, without telling where from', () => {
    expect(html('See [the docs](https://example.com/a?b=1).')).toBe(
      '<p>See <a href="https://example.com/a?b=1" target="_blank" rel="noopener noreferrer">the docs</a>.</p>');
    expect(html('https://example.com/a.')).toContain('>https://example.com/a</a>.');
  });

  it('renders what answers are made of', () => {
    expect(html('# Title\n\nOne\ntwo **bold *em*** `code`')).toBe('<h3>Title</h3><p>One\ntwo <strong>bold <em>em</em></strong> <code>code</code></p>');
    expect(html('> said\n\n---')).toBe('<blockquote><p>said</p></blockquote><hr/>');
  });

  it('leaves arithmetic, names and lone marks alone', () => {
    expect(html('2 * 3 * 4, snake_case_name, a ** b, `open')).toBe('<p>2 * 3 * 4, snake_case_name, a ** b, `open</p>');
  });

  it('nests lists, and goes on with their numbers', () => {
    expect(html('3. three\n   - inner\n   - other\n4. four')).toBe(
      '<ol start="3"><li>three<ul><li>inner</li><li>other</li></ul></li><li>four</li></ol>');
    expect(html('- a\n\n- b\n\ntext')).toBe('<ul><li>a</li><li>b</li></ul><p>text</p>');
    expect(html('Steps:\n1. one')).toBe('<p>Steps:</p><ol><li>one</li></ol>');
  });

  it('keeps code as it is, also when its end has not been written yet', () => {
    expect(parseMarkdown('```ts\nconst a = **b**;\n\n- no list')).toEqual([{ kind: 'code', language: 'ts', text: 'const a = **b**;\n\n- no list' }]);
    expect(parseMarkdown('~~~\n```\n~~~\nafter')).toMatchObject([{ kind: 'code', text: '```' }, { kind: 'paragraph' }]);
  });

  it('makes progress on every beginning of an answer', () => {
    const answer = '# T\n\n1. **a** `b`\n   - c\n\n```ts\nx\n```\n> q\n[docs/protocol.md:12]';
    for (let i = 0; i <= answer.length; i++) {
      expect(() => html(answer.slice(0, i))).not.toThrow();
    }
  });
});

describe('citations', () => {
  const cites = (text: string) => parseInline(text).flatMap((i) => (i.kind === 'cite' ? [i.text] : []));

  it('are found bare, in brackets and in code', () => {
    expect(cites('In src/Core/Log/Cursor.cs:12, [docs/protocol.md:24-30] and (README.md:3) or `a/b.ts:7`.')).toEqual([
      'src/Core/Log/Cursor.cs:12', 'docs/protocol.md:24-30', 'README.md:3', 'a/b.ts:7',
    ]);
  });

  it('are not hosts, times or versions', () => {
    expect(cites('http://localhost:5080/a.md:1 hub.example.com:443 at 12:30, 10.0.11:2')).toEqual([]);
  });
});
