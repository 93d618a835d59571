import type { Overview } from '../../app/overview.ts';
import { STATE_WORDS } from '../../core/grantState.ts';
import { type Html, type HtmlValue, html } from '../html.ts';
import { layout } from './layout.ts';
import { navigation, type Places } from './navigation.ts';

type Connection = Overview['clients'][number]['connections'][number];
type FailingApp = Overview['failingApps'][number];

const LOOKS: Readonly<Record<Connection['state'], 'good' | 'warn' | 'bad' | 'off'>> = {
  active: 'good',
  degraded: 'warn',
  failing: 'warn',
  suspect: 'warn',
  expired: 'bad',
  revoked: 'off',
};

/** Why a renewal is kept back, as the end of “Held: not renewed before …, for …”. */
const HELD_WORDS: Readonly<Record<NonNullable<Connection['held']>['reason'], string>> = {
  refresh_token_may_be_spent:
    'an answer of the platform was lost, so whether it was renewed is not known, and its refresh token works once',
  app_left_alone: 'the platform refuses the app or is in trouble',
  asked_a_moment_ago: 'the platform was asked a moment ago',
  awaits_confirmation: 'a refusal waits to be confirmed',
  awaits_database: 'its newest credential is on disk and waits to be put into the database',
};

export interface Around {
  readonly signedIn: boolean;
  readonly places: Places;
}

/** The operator's page: apps that are refused, then every client with its connections, the broken ones first. */
export function overviewPage(overview: Overview, { signedIn, places }: Around): Html {
  const { workspaceName, counts, tokenless, failingApps, more, clients } = overview;
  const bad = counts.expired > 0 || tokenless > 0 || failingApps.length > 0;
  const look = bad ? 'bad' : isAllWell(overview) ? 'good' : '';
  const content = html`<h1>${workspaceName || 'Connections'}</h1>
<p class="notice ${look}">${summary(overview)}</p>
${failingApps.length > 0 && html`<section class="card"><h2>Apps that their platform refuses</h2><ul>${failingApps.map(appEntry)}</ul></section>`}
${clients.map(
  ({ name, connections }) => html`<section class="card"><h2>${name}</h2>
<table class="stacked"><thead><tr><th>Connection</th><th>State</th><th>What to do</th></tr></thead><tbody>${connections.map(row)}</tbody></table></section>`,
)}
${clients.length === 0 && html`<div class="card"><p>Make a link under which somebody connects: <a href="/docs#startConnect">how</a>.</p></div>`}
${more && html`<p class="soft">There are more connections than this page shows: see <a href="/docs#listConnections">the API</a>.</p>`}
${places.platformsUrl !== null && html`<p class="soft">This is a sandbox. Its <a href="${places.platformsUrl}">simulated platforms</a> have switches for what breaks in life${places.hasClock && html`, and its <a href="/clock">clock</a> can be frozen and moved`}.</p>`}
${signedIn && html`<form method="post" action="/sign-out"><button class="plain">Sign out</button></form>`}`;
  const way = navigation('/', places);
  return layout({ title: workspaceName || 'Connections', content, width: 'wide', navigation: way });
}

function isAllWell({ counts, tokenless, shown, failingApps }: Overview): boolean {
  return failingApps.length === 0 && tokenless === 0 && counts.active === shown;
}

/** How many of what: the most urgent first. */
function summary(overview: Overview): string {
  const { counts, tokenless, shown, failingApps } = overview;
  if (shown === 0 && failingApps.length === 0) return 'There are no connections yet.';
  if (isAllWell(overview))
    return shown === 1 ? 'The one connection works.' : `All ${shown} connections work.`;
  const told = (['expired', 'suspect', 'failing', 'degraded'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${STATE_WORDS[state].words}: ${counts[state]}`);
  const apps = failingApps.length === 0 ? [] : [`apps refused by their platform: ${failingApps.length}`];
  const down = tokenless === 0 ? [] : [`without a working token: ${tokenless}`];
  return `${shown} ${shown === 1 ? 'connection' : 'connections'}. ${sentence([...apps, ...down, ...told].join('; '))}.`;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function appEntry({ id, name, platform, failing }: FailingApp): Html {
  return html`<li><strong>${name}</strong> <small>(${platform}, ${id})</small>, since ${moment(failing?.since ?? '')}<br>
${failing?.explanation} <small>(<code>${failing?.cause}</code>)</small><br>${failing?.remedy}
${failing?.retry_at && html`<br><small>Left alone until ${moment(failing.retry_at)}.</small>`}</li>`;
}

function row(connection: Connection): Html {
  const { name, state, since, cause, explanation, remedy, reconnect_url, identity, deadline_at, down_since } =
    connection;
  const { held } = connection;
  const missing = connection.missing_scopes.join(', ');
  return html`<tr>
<td><strong>${name}</strong>${identity && html`<br><small>${identity.name ?? identity.email ?? identity.id}</small>`}</td>
<td><span class="state ${LOOKS[state]}">${STATE_WORDS[state].words}</span>${state !== 'active' && since && html`<br><small>since ${moment(since)}</small>`}${down_since && html`<br><span class="state bad">no working token</span><br><small>since ${moment(down_since)}</small>`}</td>
<td>${lines([
    explanation && html`${explanation}${cause && html` <small>(<code>${cause}</code>)</small>`}`,
    missing !== '' && html`Missing: <code>${missing}</code>`,
    remedy,
    held && html`Held: not renewed before ${moment(held.until)}, for ${HELD_WORDS[held.reason]}.`,
    deadline_at && html`<small>Needs a person before ${moment(deadline_at)}.</small>`,
    reconnect_url && html`<a href="${reconnect_url}">Reconnect</a>`,
  ])}</td>
</tr>`;
}

/** What there is to say, a line each. */
function lines(values: readonly HtmlValue[]): HtmlValue {
  return values.filter(Boolean).map((value, index) => html`${index > 0 && html`<br>`}${value}`);
}

/** `2026-11-22 09:00 UTC` */
export function moment(rfc3339: string): string {
  return `${rfc3339.slice(0, 10)} ${rfc3339.slice(11, 16)} UTC`;
}

/** Asks for a key to look with. */
export function signInPage(refused: string | null, places: Places): Html {
  const content = html`<div class="card">
<h1>Evergrant</h1>
<p>To see what is connected and what is broken, give an API key that may read.</p>
${refused && html`<p class="notice bad" role="alert">${refused}</p>`}
<form method="post" action="/sign-in">
<label for="api_key">API key</label>
<input id="api_key" name="api_key" type="password" autocomplete="off" required>
<p></p><button class="wide">Look</button>
</form>
<p class="soft">The key is not kept in the browser.</p>
</div>`;
  return layout({ title: 'Evergrant', content, navigation: navigation(null, places) });
}
