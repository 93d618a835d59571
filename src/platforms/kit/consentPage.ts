import type { ConsentScreen } from './consent.ts';
import type { SimAnswer } from './simulator.ts';

/** How a stand-in looks: enough to be told from the others. Colours only; no logo is copied. */
export interface Look {
  /** Of the band and the button that allows. */
  readonly colour: string;
  /** Of words upon that colour. */
  readonly ink: string;
  /** Behind the card. */
  readonly ground: string;
  /** Of the corners of the card, in pixels. */
  readonly corners: number;
  /** The words on the button that allows. */
  readonly allow: string;
}

export const PLAIN_LOOK: Look = {
  colour: '#475569',
  ink: '#fff',
  ground: '#f3f4f6',
  corners: 8,
  allow: 'Allow',
};

/** The consent page as HTML: plain forms, no scripts, nothing from outside. */
export function consentPage(screen: ConsentScreen): SimAnswer {
  const look = screen.look ?? PLAIN_LOOK;
  const name = escapeHtml(screen.platformName);
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${SIMULATED_ICON}
<title>Simulated ${name}: allow access?</title><style>${styleOf(look)}${accountStyle(screen)}</style>
<main><header><b>${name}</b><span>simulated</span></header><div>
${heading(screen.appName)}
<form method="post"><fieldset><legend>Sign in as</legend>${peopleOf(screen)}</fieldset>
${group('It may', scopesOf(screen))}${accountGroups(screen)}
<p><button name="decision" value="allow">${escapeHtml(look.allow)}</button><button name="decision" value="deny">Deny</button></p></form>
<small>This is a simulation of ${name}. No real account is involved, and ${name} has no part in it.</small></div></main></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** Some platforms show their people a name, others know an app by its id alone. */
function heading(appName: string): string {
  const name = escapeHtml(appName);
  if (appName.includes(' ')) return `<h1>${name} asks for access</h1>`;
  return `<h1>An app asks for access</h1><p>It is registered as <code>${name}</code>.</p>`;
}

function styleOf({ colour, ink, ground, corners }: Look): string {
  return `*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:4vh 1rem;background:${ground};color:#1e293b}
main{max-width:28rem;margin:auto;background:#fff;border-radius:${corners}px;overflow:hidden;box-shadow:0 1px 4px #0003}
header{background:${colour};color:${ink};padding:.8rem 1.5rem;display:flex;justify-content:space-between;align-items:center}
header b{font-size:1.2rem}header span{border:1px dashed;border-radius:4px;padding:0 .5rem;font-size:.85rem}
main>div{padding:1rem 1.5rem 1.5rem}h1{font-size:1.25rem;overflow-wrap:anywhere}label{display:flex;gap:.5rem;align-items:baseline;flex-wrap:wrap;padding:.35rem 0}label:has(code){flex-wrap:nowrap}
fieldset{border:0;padding:0;margin:1rem 0;min-width:0}legend{font-weight:600;padding:0}code{overflow-wrap:anywhere}
button{font:inherit;padding:.55rem 1.3rem;margin:0 .6rem .4rem 0;border-radius:${Math.min(corners, 24)}px;border:1px solid #cbd5e1;background:#fff;cursor:pointer}
button[value=allow]{background:${colour};color:${ink};border-color:transparent;font-weight:600}small{color:#64748b}`;
}

/** Without a script: only the accounts of the person who is chosen are shown. */
function accountStyle({ accounts, people }: ConsentScreen): string {
  if (!accounts) return '';
  const shown = people.map(
    (_, place) => `form:has(#person-${place}:checked) #accounts-${place}{display:block}`,
  );
  return `.accounts{display:none}${shown.join('')}`;
}

function peopleOf({ people, hint }: ConsentScreen): string {
  const chosen = hint ?? people[0]?.id;
  return people
    .map(({ id, name, email }, place) => {
      const checked = id === chosen ? ' checked' : '';
      return `<label><input type="radio" name="person" id="person-${place}" value="${escapeHtml(id)}"${checked}> ${escapeHtml(name)} <small>${escapeHtml(email)}</small></label>`;
    })
    .join('');
}

function scopesOf({ scopes, partial }: ConsentScreen): string {
  const fixed = partial ? '' : ' disabled';
  return scopes
    .map(
      (scope) =>
        `<label><input type="checkbox" name="scope" value="${escapeHtml(scope)}" checked${fixed}> <code>${escapeHtml(scope)}</code></label>`,
    )
    .join('');
}

/** Those of every person; the server counts those of the person who was chosen. */
function accountGroups({ accounts, people }: ConsentScreen): string {
  if (!accounts) return '';
  const groups = people.map(({ id }, place) => {
    const boxes = (accounts[id] ?? []).map(
      (account) =>
        `<label><input type="checkbox" name="account:${escapeHtml(id)}" value="${escapeHtml(account.id)}" checked> ${escapeHtml(account.name)}</label>`,
    );
    return `<fieldset class="accounts" id="accounts-${place}"><legend>Ad accounts</legend>${boxes.join('') || 'None.'}</fieldset>`;
  });
  return groups.join('');
}

const group = (legend: string, boxes: string): string =>
  boxes === '' ? '' : `<fieldset><legend>${legend}</legend>${boxes}</fieldset>`;

/** The tab's icon of everything simulated, in the page itself: browsers then ask for no other. */
export const SIMULATED_ICON = `<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M13 3h6v9l8 15a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2l8-15z" fill="#475569"/></svg>',
)}">`;

/** Text made safe for HTML content and attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
