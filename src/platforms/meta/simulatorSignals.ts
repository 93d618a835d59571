import { createHmac } from 'node:crypto';
import type { SimSignal } from '../kit/simDeeds.ts';
import type { BreakTarget } from '../kit/simulator.ts';
import type { Login, Logins } from './simulatorLogins.ts';

const SOURCE =
  'https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback';
const DELETION_LIFETIME_SECONDS = 3_600;

/** The callbacks of the app dashboard: a `signed_request` in a form. Nothing is pushed for anything else. */
export function simulatedSignals(logins: Logins): readonly SimSignal[] {
  const messages = (more: (issuedAt: number) => object) => (target: BreakTarget) =>
    peopleIn(logins, target).map((login) => signedRequest(logins, login, more));
  return [
    {
      signal: 'deauthorize',
      title: 'Deauthorize callback: the person removed the app',
      source: SOURCE,
      after: ['revoked_by_user'],
      messages: messages(() => ({})),
    },
    {
      signal: 'data_deletion',
      title: 'Data deletion callback: the person asks that their data be deleted',
      source: SOURCE,
      after: [],
      messages: messages((issuedAt) => ({ expires: issuedAt + DELETION_LIFETIME_SECONDS })),
    },
  ];
}

/** One login of each person and app: it is the person that the callback names. System users have none. */
function peopleIn(logins: Logins, target: BreakTarget): readonly Login[] {
  const people = logins.matching(target).filter((login) => login.kind === 'USER');
  return [...new Map(people.map((login) => [`${login.clientId} ${login.person}`, login])).values()];
}

function signedRequest(logins: Logins, login: Login, more: (issuedAt: number) => object) {
  const issued_at = Math.floor(logins.world.now() / 1000);
  const claims = { algorithm: 'HMAC-SHA256', ...more(issued_at), issued_at, user_id: login.person };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const secret = logins.apps.get(login.clientId)?.clientSecret ?? '';
  const signature = createHmac('sha256', secret).update(payload).digest('base64url');
  const body = new URLSearchParams({ signed_request: `${signature}.${payload}` }).toString();
  return { contentType: 'application/x-www-form-urlencoded', body };
}
