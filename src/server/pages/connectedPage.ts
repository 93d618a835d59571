import type { ConnectedPage, LossShown } from '../../app/connectedPage.ts';
import { type Html, html } from '../html.ts';
import { layout } from './layout.ts';

/** The page on which a person ends: it worked, and what is missing where something is. */
export function connectedPageView(page: ConnectedPage): Html {
  const { platformName, reconnect, accounts, missing, loss, returnUrl } = page;
  const title = `${platformName} is ${reconnect ? 'reconnected' : 'connected'}`;
  const complete = missing.length === 0 && loss === null;
  const content = html`<div class="card">
<h1>${title}</h1>
${loss && accounts.length === 0 ? signedIn(page) : usable(page, complete)}
${!complete && lacking(page)}
${accounts.length > 0 && html`<h2>Ad accounts</h2><ul>${accounts.map((name) => html`<li>${name}</li>`)}</ul>`}
${returnUrl ? html`<p><a class="button" href="${returnUrl}">Back</a></p>` : html`<p>You can close this window.</p>`}
</div>`;
  return layout({ title, content });
}

function usable({ platformName, clientName, identity, reconnect }: ConnectedPage, complete: boolean): Html {
  return html`<p class="notice good">${clientName} can use ${platformName} ${reconnect ? 'again' : 'now'}${identity && html`, by the sign-in of <strong>${identity}</strong>`}. ${complete && 'There is nothing more to do.'}</p>`;
}

/** Without an ad account there is nothing that it could be used for: that is not told as a success. */
function signedIn({ platformName, identity }: ConnectedPage): Html {
  return html`<p>The sign-in at ${platformName}${identity && html` of <strong>${identity}</strong>`} worked.</p>`;
}

function lacking(page: ConnectedPage): Html {
  const { missing, loss, mendUrl } = page;
  const label = missing.length > 0 ? 'Allow what is missing' : 'Choose ad accounts';
  return html`<div class="notice">
${loss && lost(page, loss)}
${missing.length > 0 && unallowed(page)}
${mendUrl && html`<p><a class="button" href="${mendUrl}">${label}</a></p>`}</div>`;
}

function unallowed({ missing, platformName }: ConnectedPage): Html {
  return html`<p>Not every permission was allowed at ${platformName}. Without these, this will not work:</p>
<ul>${missing.map(({ scope, features }) => html`<li>${features.length > 0 ? features.join(', ') : scope} <small>(${scope})</small></li>`)}</ul>
<p>You can allow them now: ${platformName} asks once more, and everything that is asked for has to stay ticked.</p>`;
}

function lost(
  { platformName, clientName, choosesAnew }: ConnectedPage,
  { kind, names, remedy }: LossShown,
): Html {
  if (kind === 'other')
    return html`<p>${remedy}${names.length > 0 && ` Ad accounts: ${names.join(', ')}.`}</p>`;
  const what =
    kind === 'no_account'
      ? html`<p>No ad account was reached at ${platformName}, so ${clientName} can do nothing there yet.</p>`
      : html`<p>These ad accounts, used until now, were not reached at ${platformName}:</p><ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`;
  const which = kind === 'no_account' ? 'at least one ad account' : 'them';
  const how = html`${choosesAnew && `You can go there once more now: tick ${which} when ${platformName} asks. `}Where ${kind === 'no_account' ? 'none is' : 'they are not'} within your reach, an administrator of the ad account gives you access${choosesAnew && ' first'}.`;
  return html`${what}<p>${how}</p>`;
}
