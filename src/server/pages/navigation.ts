import { type Html, html } from '../html.ts';

/** What there is beside the connections and the API. */
export interface Places {
  /** Whether there is a clock that can be moved. */
  readonly hasClock: boolean;
  /** The page of the simulated platforms; null: there are none. */
  readonly platformsUrl: string | null;
}

/** The way around the operator's pages. Pages behind links that were sent to somebody have none. */
export function navigation(here: '/' | '/clock' | '/docs' | null, { hasClock, platformsUrl }: Places): Html {
  const links: readonly (readonly [address: string, words: string])[] = [
    ['/', 'Connections'],
    ...(hasClock ? [['/clock', 'Clock'] as const] : []),
    ...(platformsUrl === null ? [] : [[platformsUrl, 'Simulated platforms'] as const]),
    ['/docs', 'API'],
  ];
  return html`<nav class="ways" aria-label="Evergrant">${links.map(
    ([address, words]) =>
      html`<a href="${address}"${address === here && html` aria-current="page"`}>${words}</a> `,
  )}</nav>`;
}
