export interface Customer {
  readonly id: string;
  readonly manager: boolean;
  readonly status: string;
  readonly currencyCode: string;
  readonly timeZone: string;
  /** Missing where nobody named the account. */
  readonly descriptiveName?: string;
  readonly parent?: string;
}

const MANAGER = '1112223333';
const DIRECT = '3334445555';
/** The account that the switch “account disabled” cancels. */
export const FRAGILE_CUSTOMER = '2223334441';

export const CUSTOMERS: readonly Customer[] = [
  {
    id: MANAGER,
    manager: true,
    status: 'ENABLED',
    currencyCode: 'EUR',
    timeZone: 'Europe/Berlin',
    descriptiveName: 'Summer Agency',
  },
  customer(FRAGILE_CUSTOMER, 'ENABLED', 'EUR', 'Europe/Berlin', 'Summer Shoes DE', MANAGER),
  customer('2223334442', 'ENABLED', 'USD', 'America/New_York', 'Summer Shoes US', MANAGER),
  customer('2223334443', 'SUSPENDED', 'GBP', 'Europe/London', undefined, MANAGER),
  customer('2223334444', 'CANCELED', 'EUR', 'Europe/Paris', 'Old Shop', MANAGER),
  customer(DIRECT, 'ENABLED', 'CHF', 'Europe/Zurich', 'Winter Skis'),
];

function customer(
  id: string,
  status: string,
  currencyCode: string,
  timeZone: string,
  descriptiveName: string | undefined,
  parent?: string,
): Customer {
  return { id, manager: false, status, currencyCode, timeZone, descriptiveName, parent };
}

/** Whom the n-th person (or service account) is a direct user of. */
const DIRECT_ACCESS: readonly (readonly string[])[] = [
  [MANAGER, DIRECT],
  [DIRECT, FRAGILE_CUSTOMER],
  [MANAGER],
  [DIRECT],
];

export const directAccess = (place: number): readonly string[] => DIRECT_ACCESS[place] ?? [];
export const customerBy = (id: string): Customer | undefined =>
  CUSTOMERS.find((candidate) => candidate.id === id);
