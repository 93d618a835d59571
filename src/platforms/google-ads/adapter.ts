import { googleChain } from '../google/apiChecks.ts';
import { serviceAccount } from '../google/serviceAccount.ts';
import { userLogin } from '../google/userLogin.ts';
import type { PlatformAdapter } from '../kit/adapter.ts';
import { accounts, baseUrl } from './accounts.ts';
import { adsChecks } from './checks.ts';
import { ADS_SCOPE } from './profile.ts';

export const adapter: PlatformAdapter = {
  methods: {
    user_login: userLogin({ accounts, baseUrl }),
    service_account: serviceAccount([ADS_SCOPE], { accounts, baseUrl }),
  },
  checks: googleChain(adsChecks),
};
