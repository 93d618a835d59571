import type { SimPerson } from '../kit/simulator.ts';

export const PEOPLE: readonly SimPerson[] = [
  { id: 'uO7xQ2vKpA', name: 'Merle Brandt', email: 'merle@example.org' },
  { id: 'h3LmZ9sTtR', name: 'Tomás Riva', email: 'tomas@example.org' },
  { id: 'b8YwN4cDdE', name: 'Aiko Lind', email: 'aiko@example.org' },
];

/** An ad account as the versioned API tells it: numeric id, no time zone. */
export interface SimAccount {
  readonly id: number;
  readonly name: string;
  readonly currency: string;
  readonly type: 'BUSINESS' | 'ENTERPRISE';
  readonly status: string;
  readonly servingStatuses: readonly string[];
  readonly reference: string;
  readonly test: boolean;
}

function account(id: number, name: string, currency: string, status: string, serving: string): SimAccount {
  const reference = `urn:li:organization:${id % 1000}`;
  return { id, name, currency, type: 'BUSINESS', status, servingStatuses: [serving], reference, test: false };
}

export const ACCOUNTS: readonly SimAccount[] = [
  account(512340001, 'Nordlicht Shoes DACH', 'EUR', 'ACTIVE', 'RUNNABLE'),
  account(512340002, 'Nordlicht Shoes US', 'USD', 'ACTIVE', 'RUNNABLE'),
  account(512340003, 'Harbour Software UK', 'GBP', 'ACTIVE', 'BILLING_HOLD'),
  account(512340004, 'Harbour Software (old)', 'GBP', 'CANCELED', 'STOPPED'),
  account(512340005, 'Fjord Travel', 'NOK', 'DRAFT', 'STOPPED'),
];

/** Roles by person id and account id. */
export const ROLES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  uO7xQ2vKpA: {
    512340001: 'ACCOUNT_MANAGER',
    512340002: 'ACCOUNT_MANAGER',
    512340003: 'CAMPAIGN_MANAGER',
    512340004: 'VIEWER',
  },
  h3LmZ9sTtR: {
    512340003: 'ACCOUNT_BILLING_ADMIN',
    512340004: 'ACCOUNT_BILLING_ADMIN',
    512340005: 'ACCOUNT_MANAGER',
  },
  b8YwN4cDdE: { 512340001: 'VIEWER' },
};
