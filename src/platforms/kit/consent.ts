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
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated ${escapeHtml(screen.platformName)}: allow access?</title>
<style>body{font:16px/1.5 system-ui;margin:0;background:#f3f4f6}main{max-width:28rem;margin:8vh auto;background:#fff;border-top:6px solid ${
    screen.colour ?? '#475569'
  };padding:2rem;border-radius:8px}label{display:block;margin:.3rem 0}fieldset{border:0;padding:0;margin:1rem 0}legend{font-weight:600}button{font:inherit;padding:.5rem 1.2rem;margin-right:.5rem;border-radius:6px;border:1px solid #cbd5e1;background:#fff}button[value=allow]{background:${
    screen.colour ?? '#475569'
  };color:#fff;border-color:transparent}small{color:#64748b}</style>
<main><small>This is a simulation of ${escapeHtml(screen.platformName)}. No real account is involved.</small>
<h1>${escapeHtml(screen.appName)} asks for access</h1>
<form method="post"><fieldset><legend>Sign in as</legend>${people.join('')}</fieldset>
${scopes.length ? `<fieldset><legend>It may</legend>${scopes.join('')}</fieldset>` : ''}
${choices.length ? `<fieldset><legend>Ad accounts</legend>${choices.join('')}</fieldset>` : ''}
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form></main></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** Text made safe for HTML content and attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
