import type { PlatformAdapter } from '../kit/adapter.ts';
import { accountToken } from './accountToken.ts';
import { advertiserToken } from './advertiserToken.ts';
import { checks } from './checks.ts';

export const adapter: PlatformAdapter = {
  methods: { advertiser_token: advertiserToken, account_token: accountToken },
  checks,
};
