import type { SimPerson } from '../../kit/simulator.ts';

export const PEOPLE: readonly SimPerson[] = [
  { id: '734000000000000101', name: 'Ida Sommer', email: 'ida@example.org' },
  { id: '734000000000000102', name: 'Noah Winter', email: 'noah@example.org' },
  { id: '734000000000000103', name: 'Mina Herbst', email: 'mina@example.org' },
];

export interface SimAdAccount {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly currency: string;
  /** Roles by person id; who is not named does not see the account. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

const [ida, noah, mina] = PEOPLE.map((person) => person.id) as [string, string, string];

export const adAccounts = (): SimAdAccount[] => [
  account('549755885101', 'Summer Shoes DE', 'DE', 'EUR', { [ida]: ['OWNER'], [noah]: ['ADMIN'] }),
  account('549755885102', 'Summer Shoes US', 'US', 'USD', {
    [ida]: ['OWNER'],
    [noah]: ['ANALYST'],
    [mina]: ['ANALYST'],
  }),
  account('549755885103', 'Winter Coats UK', 'GB', 'GBP', { [ida]: ['ADMIN', 'FINANCE_MANAGER'] }),
  account('549755885104', 'Old Boots JP', 'JP', 'JPY', { [ida]: ['SOS_READER'], [mina]: ['OWNER'] }),
];

function account(
  id: string,
  name: string,
  country: string,
  currency: string,
  roles: SimAdAccount['roles'],
): SimAdAccount {
  return { id, name, country, currency, roles };
}
