import type { Held, MethodAdapter } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { listAccounts } from './accounts.ts';
import { authHeader, baseUrl, query } from './calls.ts';
import { saysTokenIsDead } from './checks.ts';

const token = (held: Held): string => held.secrets.access_token ?? '';

/** What both methods do alike, once they have a token. None of it ever logs in. */
export const common: MethodAdapter = {
  probe: async (io, app, held) => {
    const asked = { endpoint: 'probe', accessToken: token(held) } as const;
    const answer = await query(io, app, asked, '/partner/query', {
      SearchTerms: [],
      PageStartIndex: 0,
      PageSize: 1,
    });
    // A 403 is also a missing permission or a wrong seat: only the platform's words end a token.
    const dead = saysTokenIsDead(answer);
    if (succeeded(answer)) return { verdict: 'alive' };
    return { verdict: dead ? 'dead' : 'unclear', answer };
  },
  accounts: (io, app, held) => listAccounts(io, app, token(held)),
  callHeaders: (_app, held) => authHeader(token(held)),
  baseUrl,
};
