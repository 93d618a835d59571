import type { ConnectedPage } from '../../app/connectedPage.ts';
import { type Html, html } from '../html.ts';
import { layout } from './layout.ts';

/** The page on which a person ends: it worked, and what is missing where something is. */
export function connectedPageView(page: ConnectedPage): Html {
  const { platformName, clientName, identity, reconnect, accounts, missing, returnUrl } = page;
  const title = `${platformName} is ${reconnect ? 'reconnected' : 'connected'}`;
  const content = html`<div class="card">
<h1>${title}</h1>
<p class="notice good">${clientName} can use ${platformName} ${reconnect ? 'again' : 'now'}${identity && html`, by the sign-in of <strong>${identity}</strong>`}. ${missing.length === 0 && 'There is nothing more to do.'}</p>
${missing.length > 0 && lacking(page)}
${accounts.length > 0 && html`<h2>Ad accounts</h2><ul>${accounts.map((name) => html`<li>${name}</li>`)}</ul>`}
${returnUrl ? html`<p><a class="button" href="${returnUrl}">Back</a></p>` : html`<p>You can close this window.</p>`}
</div>`;
  return layout({ title, content });
}

function lacking({ missing, mendUrl, platformName }: ConnectedPage): Html {
  return html`<div class="notice"><p>Not every permission was allowed at ${platformName}. Without these, this will not work:</p>
<ul>${missing.map(({ scope, features }) => html`<li>${features.length > 0 ? features.join(', ') : scope} <small>(${scope})</small></li>`)}</ul>
<p>You can allow them now: ${platformName} asks once more, and everything that is asked for has to stay ticked.</p>
<p><a class="button" href="${mendUrl}">Allow what is missing</a></p></div>`;
}
