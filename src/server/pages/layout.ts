import { Html, type HtmlValue, html } from '../html.ts';
import { STYLE } from './style.ts';

/** Two links of a chain, in the page itself: nothing is fetched for it. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#1f6f54" stroke-width="4"><rect x="2" y="10" width="17" height="12" rx="6"/><rect x="13" y="10" width="17" height="12" rx="6"/></svg>',
)}`;

export interface Sheet {
  readonly title: string;
  readonly content: HtmlValue;
  /** The way around, where whoever looks may go elsewhere. */
  readonly navigation?: Html;
  /** `wide`: tables. `sided`: contents beside the text, too. Default: a column to be read. */
  readonly width?: 'wide' | 'sided';
  /** Machine-readable: the problem's code and cause, where the page tells of one. */
  readonly code?: string;
  readonly cause?: string | null;
}

/** A whole page. */
export function layout({ title, content, navigation, width, code, cause }: Sheet): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${ICON}">
<style>${new Html(STYLE)}</style>
</head>
<body>
${navigation && html`<header class="${width ?? ''}">${navigation}</header>`}
<main${width ? html` class="${width}"` : ''}${code ? html` data-code="${code}"` : ''}${cause ? html` data-cause="${cause}"` : ''}>
${content}
</main>
<footer>Evergrant keeps the connections to advertising platforms working.</footer>
</body>
</html>
`;
}
