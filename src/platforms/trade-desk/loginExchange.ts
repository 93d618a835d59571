import { type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import { MINUTE_MS } from '../../core/instant.ts';
import type { AppConfig, Identity, Io, Issued, MethodAdapter, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { jsonPost } from '../kit/request.ts';
import { baseUrl } from './calls.ts';
import { common } from './common.ts';

/** The longest that the platform gives; the answer does not repeat it. */
const LIFETIME_MINUTES = 1440;

/** One login. Nothing here ever tries a second one: refused logins lead to a lock-out. */
async function logIn(io: Io, app: AppConfig, login: string, password: string): Promise<Outcome<Issued>> {
  const body = { Login: login, Password: password, TokenExpirationInMinutes: LIFETIME_MINUTES };
  const answer = await io.send(jsonPost('token', `${baseUrl(app)}/authentication`, body));
  const accessToken = readToken(answer);
  if (!accessToken) return { ok: false, answer };
  const now = io.now();
  const accessExpiresAt = now + LIFETIME_MINUTES * MINUTE_MS;
  return {
    ok: true,
    value: {
      secrets: { access_token: accessToken },
      issuedAt: now,
      accessExpiresAt,
      accessExpiryAssumed: false,
    },
  };
}

const readToken = (answer: PlatformAnswer): string | undefined =>
  succeeded(answer) ? textAt(parseJson(answer.body), 'Token') : undefined;

const refusesLogin = (answer: PlatformAnswer): boolean => answer.kind === 'answer' && answer.status === 401;

/** The platform does not say which of the two is wrong. */
const REFUSED = {
  login: 'The Trade Desk refuses this login with this password. Check it for typing mistakes.',
  password:
    'Check the password too, and with the administrator whether the API user is active and not locked. Do not guess: each refused try brings a lock-out nearer.',
};

/** Login and password, exchanged for a token of a day, again and again. Several tokens live side by side. */
export const loginExchange: MethodAdapter = {
  ...common,
  accept: async (io, app, fields) => {
    const login = (fields.login ?? '').trim();
    const password = fields.password ?? '';
    const issued = await logIn(io, app, login, password);
    if (!issued.ok) return refusesLogin(issued.answer) ? { ...issued, refused: REFUSED } : issued;
    const secrets = { ...issued.value.secrets, login, password };
    return { ok: true, value: { ...issued.value, secrets, identity: identityOf(login) } };
  },
  renew: (io, app, held) => logIn(io, app, held.secrets.login ?? '', held.secrets.password ?? ''),
};

/** The login is the only name that is known; typed in other case it is still the same. */
function identityOf(login: string): Identity {
  return {
    id: login.toLowerCase(),
    kind: 'api_user',
    name: login,
    email: login.includes('@') ? login : null,
  };
}
