import type { SimAnswer, SimPerson, SimRequest } from './simulator.ts';

export interface ConsentScreen {
  readonly platformName: string;
  readonly appName: string;
  readonly people: readonly SimPerson[];
  /** The scopes that the app asks for. */
  readonly scopes: readonly string[];
  /** Whether single scopes may be unticked. */
  readonly partial: boolean;
  /** Ad accounts to choose from, by person id; absent where the platform offers no choice. */
  readonly accounts?: Readonly<Record<string, readonly { readonly id: string; readonly name: string }[]>>;
  /** Preselected person. */
  readonly hint?: string;
  readonly colour?: string;
}

export type ConsentDecision =
  | { readonly decision: 'ask'; readonly page: SimAnswer }
  | { readonly decision: 'deny' }
  | {
      readonly decision: 'allow';
      readonly person: string;
      readonly scopes: readonly string[];
      readonly accounts: readonly string[] | undefined;
    };

/**
 * The consent page of a simulated platform: GET shows it, POST carries the decision. A client without a browser
 * decides by headers: `x-simulated-consent: allow|deny`, `x-simulated-person: ID`, `x-simulated-scopes: a b`.
 */
export function askConsent(request: SimRequest, screen: ConsentScreen): ConsentDecision {
  const header = request.headers['x-simulated-consent'];
  if (header === 'deny') return { decision: 'deny' };
  if (header === 'allow') return allowedByHeaders(request, screen);
  if (request.method !== 'POST') return { decision: 'ask', page: consentPage(screen) };
  const form = new URLSearchParams(request.body);
  if (form.get('decision') !== 'allow') return { decision: 'deny' };
  return {
    decision: 'allow',
    person: form.get('person') ?? screen.people[0]!.id,
    scopes: screen.partial ? form.getAll('scope') : screen.scopes,
    accounts: screen.accounts === undefined ? undefined : form.getAll('account'),
  };
}

function allowedByHeaders(request: SimRequest, screen: ConsentScreen): ConsentDecision {
  const scopes = request.headers['x-simulated-scopes'];
  return {
    decision: 'allow',
    person: request.headers['x-simulated-person'] ?? screen.hint ?? screen.people[0]!.id,
    scopes:
      scopes === undefined || !screen.partial ? screen.scopes : scopes.split(' ').filter((s) => s !== ''),
    accounts: request.headers['x-simulated-accounts']?.split(' '),
  };
}

function consentPage(screen: ConsentScreen): SimAnswer {
  const people = screen.people.map(
    (person, index) =>
      `<label><input type="radio" name="person" value="${escapeHtml(person.id)}"${
        (screen.hint ? screen.hint === person.id : index === 0) ? ' checked' : ''
      }> ${escapeHtml(person.name)} <small>${escapeHtml(person.email)}</small></label>`,
  );
  const scopes = screen.scopes.map(
    (scope) =>
      `<label><input type="checkbox" name="scope" value="${escapeHtml(scope)}" checked${
        screen.partial ? '' : ' disabled'
      }> <code>${escapeHtml(scope)}</code></label>`,
  );
  const accounts = Object.values(screen.accounts ?? {}).flat();
  const choices = [...new Map(accounts.map((account) => [account.id, account])).values()].map(
    (account) =>
      `<label><input type="checkbox" name="account" value="${escapeHtml(account.id)}" checked> ${escapeHtml(account.name)}</label>`,
  );
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${SIMULATED_ICON}
<title>Simulated ${escapeHtml(screen.platformName)}: allow access?</title>
<style>*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:0 .8rem;background:#f3f4f6;color:#1e293b}main{max-width:32rem;margin:6vh auto;overflow-wrap:anywhere;background:#fff;border-top:6px solid ${
    screen.colour ?? '#475569'
  };padding:clamp(1rem,5vw,2rem);border-radius:8px}h1{font-size:1.5rem;line-height:1.25}label{display:block;margin:.3rem 0}fieldset{border:0;padding:0;margin:1rem 0;min-width:0}legend{font-weight:600}button{font:inherit;padding:.5rem 1.2rem;margin-right:.5rem;border-radius:6px;border:1px solid #cbd5e1;background:#fff}button[value=allow]{background:${
    screen.colour ?? '#475569'
  };color:#fff;border-color:transparent}small{color:#475569}</style>
<main><small>This is a simulation of ${escapeHtml(screen.platformName)}. No real account is involved.</small>
<h1>${escapeHtml(screen.appName)} asks for access</h1>
<form method="post"><fieldset><legend>Sign in as</legend>${people.join('')}</fieldset>
${scopes.length ? `<fieldset><legend>It may</legend>${scopes.join('')}</fieldset>` : ''}
${choices.length ? `<fieldset><legend>Ad accounts</legend>${choices.join('')}</fieldset>` : ''}
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form></main></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** The tab's icon of everything simulated, in the page itself: browsers then ask for no other. */
export const SIMULATED_ICON = `<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M13 3h6v9l8 15a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2l8-15z" fill="#475569"/></svg>',
)}">`;

/** Text made safe for HTML content and attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
