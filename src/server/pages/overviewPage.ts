import type { Overview } from '../../app/overview.ts';
import { type Html, html } from '../html.ts';
import { layout } from './layout.ts';

type Connection = Overview['clients'][number]['connections'][number];

const LOOKS = {
  active: ['good', 'works'],
  degraded: ['warn', 'works in part'],
  failing: ['warn', 'renewal is failing'],
  suspect: ['warn', 'being checked'],
  expired: ['bad', 'broken'],
  revoked: ['off', 'disconnected'],
} as const satisfies Record<Connection['state'], readonly [string, string]>;

/** The operator's page: every client with its connections, the broken ones first. */
export function overviewPage(
  { workspaceName, broken, shown, more, clients }: Overview,
  signedIn: boolean,
): Html {
  const content = html`<h1>${workspaceName || 'Connections'}</h1>
<p class="notice ${broken > 0 ? 'bad' : 'good'}">${summary(broken, shown)}</p>
${clients.map(
  ({ name, connections }) => html`<section class="card"><h2>${name}</h2>
<div class="scroll"><table><tr><th>Connection</th><th>State</th><th>What to do</th></tr>${connections.map(row)}</table></div></section>`,
)}
${clients.length === 0 && html`<div class="card"><p>Nothing is connected yet. Open a connect session by the API: <a href="/docs#startConnect">how</a>.</p></div>`}
${more && html`<p class="soft">There are more connections than this page shows: see <a href="/docs#listConnections">the API</a>.</p>`}
${signedIn && html`<form method="post" action="/sign-out"><button class="plain">Sign out</button></form>`}`;
  return layout({ title: 'Connections', content, wide: true });
}

function summary(broken: number, shown: number): string {
  if (broken === 0) return `All ${shown} connections are as they should be.`;
  return `${broken} of ${shown} connections ${broken === 1 ? 'needs' : 'need'} somebody.`;
}

function row(connection: Connection): Html {
  const { name, state, since, cause, explanation, remedy, reconnect_url, identity, deadline_at, down_since } =
    connection;
  const missing = connection.missing_scopes.join(', ');
  const [look, word] = LOOKS[state];
  return html`<tr>
<td><strong>${name}</strong>${identity && html`<br><small>${identity.name ?? identity.email ?? identity.id}</small>`}</td>
<td><span class="state ${look}">${word}</span>${state !== 'active' && since && html`<br><small>since ${moment(since)}</small>`}${down_since && html`<br><span class="state bad">no working token</span><br><small>since ${moment(down_since)}</small>`}</td>
<td>${explanation}${cause && html` <small>(<code>${cause}</code>)</small>`}${missing !== '' && html`<br>Missing: <code>${missing}</code>`}${remedy && html`<br>${remedy}`}
${deadline_at && html`<br><small>Needs a person before ${moment(deadline_at)}.</small>`}
${reconnect_url && html`<br><a href="${reconnect_url}">Reconnect</a>`}</td>
</tr>`;
}

/** `2026-11-22 09:00 UTC` */
function moment(rfc3339: string): string {
  return `${rfc3339.slice(0, 10)} ${rfc3339.slice(11, 16)} UTC`;
}

/** Asks for a key to look with. */
export function signInPage(refused: string | null): Html {
  const content = html`<div class="card">
<h1>Evergrant</h1>
<p>To see what is connected and what is broken, give an API key that may read.</p>
${refused && html`<p class="notice bad" role="alert">${refused}</p>`}
<form method="post" action="/sign-in">
<label for="api_key">API key</label>
<input id="api_key" name="api_key" type="password" autocomplete="off" required>
<p></p><button class="wide">Look</button>
</form>
<p class="soft">The key is not kept in the browser. <a href="/docs">API documents</a></p>
</div>`;
  return layout({ title: 'Evergrant', content });
}
