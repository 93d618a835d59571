import type { PlatformAdapter } from '../kit/adapter.ts';
import { apiToken } from './apiToken.ts';
import { checks } from './checks.ts';
import { loginExchange } from './loginExchange.ts';

export const adapter: PlatformAdapter = {
  methods: { api_token: apiToken, login_exchange: loginExchange },
  checks,
};
