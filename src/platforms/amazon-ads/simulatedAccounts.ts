import type { SimPerson } from '../kit/simulator.ts';

export const PEOPLE: readonly SimPerson[] = [
  { id: 'amzn1.account.AESIDA0SOMMER0000000000001', name: 'Ida Sommer', email: 'ida@example.org' },
  { id: 'amzn1.account.AENOAH0WINTER0000000000002', name: 'Noah Winter', email: 'noah@example.org' },
  { id: 'amzn1.account.AEMARA0HERBST0000000000003', name: 'Mara Herbst', email: 'mara@example.org' },
];

const [IDA, NOAH, MARA] = PEOPLE.map((person) => person.id) as [string, string, string];

export interface SimProfile {
  readonly profileId: number;
  readonly countryCode: string;
  readonly currencyCode: string;
  readonly dailyBudget?: number;
  readonly timezone: string;
  readonly accountInfo: {
    readonly marketplaceStringId: string;
    readonly id: string;
    readonly type: string;
    readonly name?: string;
    readonly validPaymentMethod?: boolean;
  };
}

export interface SimPlace {
  /** First label of the API host that knows the profile. */
  readonly host: string;
  readonly profile: SimProfile;
  /** Who may see it, and who of them may change it. */
  readonly viewers: readonly string[];
  readonly editors: readonly string[];
}

const SHOES = { id: 'A1SUMMERSHOES', type: 'seller', name: 'Summer Shoes', validPaymentMethod: true };

/** What real lists mix: optional fields missing, one seller in several marketplaces, an id at the edge of a JSON number. */
export const PLACES: readonly SimPlace[] = [
  {
    host: 'advertising-api',
    profile: {
      profileId: 1111222233334444,
      countryCode: 'US',
      currencyCode: 'USD',
      dailyBudget: 999999999,
      timezone: 'America/Los_Angeles',
      accountInfo: { marketplaceStringId: 'ATVPDKIKX0DER', ...SHOES },
    },
    viewers: [IDA, NOAH],
    editors: [IDA],
  },
  {
    host: 'advertising-api',
    profile: {
      profileId: 1111222233335555,
      countryCode: 'CA',
      currencyCode: 'CAD',
      dailyBudget: 0,
      timezone: 'America/Los_Angeles',
      accountInfo: { marketplaceStringId: 'A2EUQ1WTGCTBG2', ...SHOES, validPaymentMethod: false },
    },
    viewers: [IDA],
    editors: [IDA],
  },
  {
    host: 'advertising-api-eu',
    profile: {
      profileId: 2222333344445555,
      countryCode: 'UK',
      currencyCode: 'GBP',
      dailyBudget: 50,
      timezone: 'Europe/London',
      accountInfo: { marketplaceStringId: 'A1F83G8C2ARO7P', id: 'A1SUMMERSHOES', type: 'seller' },
    },
    viewers: [IDA, MARA],
    editors: [MARA],
  },
  {
    host: 'advertising-api-eu',
    profile: {
      profileId: 2222333344446666,
      countryCode: 'DE',
      currencyCode: 'EUR',
      timezone: 'Europe/Paris',
      accountInfo: {
        marketplaceStringId: 'A1PA6795UKMFR9',
        id: 'ENTITY2WINTERCOATS',
        type: 'vendor',
        name: 'Winter Coats',
      },
    },
    viewers: [IDA, NOAH],
    editors: [IDA, NOAH],
  },
  {
    host: 'advertising-api-fe',
    profile: {
      profileId: Number.MAX_SAFE_INTEGER,
      countryCode: 'JP',
      currencyCode: 'JPY',
      timezone: 'Asia/Tokyo',
      accountInfo: {
        marketplaceStringId: 'A1VC38T7YXB528',
        id: 'A3AUTUMNTEA',
        type: 'seller',
        name: 'Autumn Tea',
      },
    },
    viewers: [IDA, MARA],
    editors: [MARA],
  },
];

/** Global accounts: their status, and which advertisers they hold. Advertisers in none of them are only profiles. */
export const GLOBAL_ACCOUNTS = [
  {
    adsAccountId: 'amzn1.ads-account.g.shoes',
    accountName: 'Summer Shoes',
    advertiser: 'A1SUMMERSHOES',
    status: 'CREATED',
  },
  {
    adsAccountId: 'amzn1.ads-account.g.coats',
    accountName: 'Winter Coats',
    advertiser: 'ENTITY2WINTERCOATS',
    status: 'PENDING',
  },
  {
    adsAccountId: 'amzn1.ads-account.g.tea',
    accountName: 'Autumn Tea',
    advertiser: 'A3AUTUMNTEA',
    status: 'DISABLED',
  },
] as const;
