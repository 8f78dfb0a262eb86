import { Fragment, memo } from 'react';
import { parseMarkdown, type Block, type Inline } from './parse';
import './Markdown.css';

/** Text of an agent, as elements: nothing in it can become markup of the page. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return <div className="markdown">{parseMarkdown(text).map(renderBlock)}</div>;
});

function renderBlock(block: Block, key: number) {
  switch (block.kind) {
    case 'paragraph':
      return <p key={key}>{block.children.map(renderInline)}</p>;
    case 'heading': {
      // The page has its own h1 and h2.
      const Tag = `h${Math.min(6, block.level + 2)}` as 'h3';
      return <Tag key={key}>{block.children.map(renderInline)}</Tag>;
    }
    case 'list': {
      const items = block.items.map((item, i) => <li key={i}>{renderItem(item)}</li>);
      return block.ordered ? <ol key={key} start={block.start === 1 ? undefined : block.start}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
    case 'code':
      return <pre key={key} tabIndex={0} data-language={block.language || undefined}><code>{block.text}</code></pre>;
    case 'quote':
      return <blockquote key={key}>{block.children.map(renderBlock)}</blockquote>;
    case 'rule':
      return <hr key={key} />;
  }
}

function renderItem(item: readonly Block[]) {
  const [first, ...rest] = item;
  return first?.kind === 'paragraph'
    ? <>{first.children.map(renderInline)}{rest.map(renderBlock)}</>
    : item.map(renderBlock);
}

function renderInline(inline: Inline, key: number) {
  switch (inline.kind) {
    case 'text':
      return <Fragment key={key}>{inline.text}</Fragment>;
    case 'code':
      return <code key={key}>{inline.text}</code>;
    case 'cite':
      return <span key={key} className="citation" title={inline.text}>{inline.text}</span>;
    case 'strong':
      return <strong key={key}>{inline.children.map(renderInline)}</strong>;
    case 'em':
      return <em key={key}>{inline.children.map(renderInline)}</em>;
    case 'link':
      return <a key={key} href={inline.href} target="_blank" rel="noopener noreferrer">{inline.children.map(renderInline)}</a>;
  }
}
