import { Html, type HtmlValue, html } from '../html.ts';
import { STYLE } from './style.ts';

export interface Sheet {
  readonly title: string;
  readonly content: HtmlValue;
  readonly wide?: boolean;
  /** Machine-readable: the problem's code and cause, where the page tells of one. */
  readonly code?: string;
  readonly cause?: string | null;
}

/** A whole page. */
export function layout({ title, content, wide, code, cause }: Sheet): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main${wide ? html` class="wide"` : ''}${code ? html` data-code="${code}"` : ''}${cause ? html` data-cause="${cause}"` : ''}>
${content}
</main>
<footer>Evergrant keeps the connections to advertising platforms working.</footer>
</body>
</html>
`;
}
