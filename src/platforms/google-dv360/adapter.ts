import { googleChain } from '../google/apiChecks.ts';
import { serviceAccount } from '../google/serviceAccount.ts';
import { userLogin } from '../google/userLogin.ts';
import type { PlatformAdapter } from '../kit/adapter.ts';
import { accounts, baseUrl } from './accounts.ts';
import { dv360Checks } from './checks.ts';
import { DEFAULT_SCOPES } from './profile.ts';

export const adapter: PlatformAdapter = {
  methods: {
    user_login: userLogin({ accounts, baseUrl }),
    service_account: serviceAccount(DEFAULT_SCOPES, { accounts, baseUrl }),
  },
  checks: googleChain(dv360Checks),
};
