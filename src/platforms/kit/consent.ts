import { consentPage, type Look } from './consentPage.ts';
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
  /** Absent: plain. */
  readonly look?: Look;
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
  const person = form.get('person') ?? screen.people[0]!.id;
  return {
    decision: 'allow',
    person,
    scopes: screen.partial ? form.getAll('scope') : screen.scopes,
    accounts: screen.accounts === undefined ? undefined : form.getAll(`account:${person}`),
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
