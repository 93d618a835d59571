import { type HtmlValue, html } from '../html.ts';

/**
 * The Markdown that the API document's texts are written in: paragraphs, and `code` in backticks. A test keeps them to
 * it, so that a whole Markdown reader would find nothing more to do.
 */
export function prose(text: string): HtmlValue {
  return text.split(/\n{2,}/).map((paragraph) => paragraph !== '' && html`<p>${inline(paragraph)}</p>`);
}

/** The same within a line. */
export function inline(text: string): HtmlValue {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}
