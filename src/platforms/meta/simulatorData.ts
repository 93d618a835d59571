import type { SimPerson } from '../kit/simulator.ts';

/** Who can pass the dialog. Ids are app-scoped: digits, some too long for a JSON number. */
export const HUMANS: readonly SimPerson[] = [
  { id: '10200000000000101', name: 'Lena Marsh', email: 'lena@example.org' },
  { id: '102000000000202', name: 'Tom Vale', email: 'tom@example.org' },
  { id: '102000000000303', name: 'Asha Kern', email: 'asha@example.org' },
];

/** Has tokens that end after 60 days, and an older one that never ends. */
export const EXPIRING_BOT: SimPerson = { id: '100000000000901', name: 'Reporting bot', email: '' };
export const ENDLESS_BOT: SimPerson = { id: '100000000000902', name: 'Legacy import bot', email: '' };
/** Comes into being when a client business passes a Login for Business dialog. */
export const INTEGRATION_BOT: SimPerson = { id: '100000000000911', name: 'Nordlicht integration', email: '' };

export const BOTS: readonly SimPerson[] = [EXPIRING_BOT, ENDLESS_BOT, INTEGRATION_BOT];

/** Tom’s long-lived tokens come without `expires_in`, and his id as a number, as older answers have it. */
export const TERSE_PERSON = '102000000000202';
/** Asha’s permissions are business permissions that carry no data access clock. */
export const CLOCKLESS_PERSON = '102000000000303';

export const APP = { clientId: '138002000400160', clientSecret: 'meta-sandbox-secret' };
export const BUSINESS = { id: '770088009900', name: 'Nordlicht Group' };

/** Login for Business configurations of the app: one for user tokens, one for integration system users. */
export const CONFIGURATIONS: Readonly<
  Record<string, { readonly bot: boolean; readonly scopes: readonly string[] }>
> = {
  '501000000000001': { bot: false, scopes: ['ads_read', 'business_management'] },
  '501000000000002': { bot: true, scopes: ['ads_read', 'ads_management', 'business_management'] },
};

export const KNOWN_SCOPES: readonly string[] = [
  'public_profile',
  'email',
  'openid',
  'ads_read',
  'ads_management',
  'business_management',
  'catalog_management',
  'instagram_basic',
  'leads_retrieval',
  'pages_manage_ads',
  'pages_read_engagement',
  'pages_show_list',
  'read_insights',
];

export interface SimAccount {
  readonly account_id: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone_name: string | undefined;
  readonly amount_spent: string;
  account_status: number;
  disable_reason: number;
}

/** Fresh copies, because switches change them. */
export function simulatedAccounts(): SimAccount[] {
  return [
    account('100200300400', 'Nordlicht Shoes DE', 'EUR', 'Europe/Berlin', 1),
    account('100200300401', 'Nordlicht Shoes US', 'USD', 'America/New_York', 1),
    account('100200300402', 'Nordlicht Outlet UK', 'GBP', undefined, 3),
    account('100200300403', 'Nordlicht Archive', 'PLN', 'Europe/Warsaw', 101),
  ];
}

function account(
  account_id: string,
  name: string,
  currency: string,
  timezone_name: string | undefined,
  account_status: number,
): SimAccount {
  const amount_spent = `${account_id.slice(-3)}250`;
  return { account_id, name, currency, timezone_name, amount_spent, account_status, disable_reason: 0 };
}

/** Which accounts each identity has a role on. */
export function simulatedRoles(): Map<string, Set<string>> {
  const all = simulatedAccounts().map((one) => one.account_id);
  return new Map([
    ['10200000000000101', new Set(all)],
    ['102000000000202', new Set(['100200300400', '100200300402'])],
    ['102000000000303', new Set(['100200300401', '100200300403'])],
    ...BOTS.map((bot) => [bot.id, new Set(all)] as const),
  ]);
}

export const nameOf = (id: string): string =>
  [...HUMANS, ...BOTS].find((person) => person.id === id)?.name ?? 'Somebody';
