import type { SimPerson } from '../kit/simulator.ts';

export interface SimApiUser extends SimPerson {
  readonly firstPassword: string;
  /** Partners (seats) that the user reaches. */
  readonly partners: readonly string[];
}

/** API users: known by their login, or, behind a pasted token, by the first of their seats. */
export const USERS: readonly SimApiUser[] = [
  {
    id: 'api.ida@summer.example',
    name: 'Ida Sommer (API)',
    email: 'api.ida@summer.example',
    firstPassword: 'Sandbox-Summer-1',
    partners: ['seatsum', 'seatxall'],
  },
  {
    id: 'api.noah@winter.example',
    name: 'Noah Winter (API)',
    email: 'api.noah@winter.example',
    firstPassword: 'Sandbox-Winter-2',
    partners: ['seatwin'],
  },
  {
    id: 'api.mara@autumn.example',
    name: 'Mara Herbst (API)',
    email: 'api.mara@autumn.example',
    firstPassword: 'Sandbox-Autumn-3',
    partners: ['seatxall'],
  },
];

export const PARTNERS = [
  { PartnerId: 'seatsum', PartnerName: 'Summer Agency' },
  { PartnerId: 'seatwin', PartnerName: 'Winter Agency' },
  { PartnerId: 'seatxall', PartnerName: 'All Seasons Holding' },
] as const;

export interface SimAdvertiser {
  readonly AdvertiserId: string;
  readonly AdvertiserName: string;
  readonly PartnerId: string;
  readonly CurrencyCode?: string;
  readonly DomainAddress?: string;
  Availability: string;
}

/** A fresh copy of the advertisers, with the optional fields missing here and there. */
export const advertisers = (): SimAdvertiser[] => [
  {
    AdvertiserId: 'advsho1',
    AdvertiserName: 'Summer Shoes',
    PartnerId: 'seatsum',
    CurrencyCode: 'EUR',
    DomainAddress: 'https://shoes.example',
    Availability: 'Available',
  },
  {
    AdvertiserId: 'advhat2',
    AdvertiserName: 'Summer Hats',
    PartnerId: 'seatsum',
    CurrencyCode: 'USD',
    Availability: 'Archived',
  },
  { AdvertiserId: 'advswi3', AdvertiserName: 'Swimwear', PartnerId: 'seatsum', Availability: 'Available' },
  {
    AdvertiserId: 'advcoa4',
    AdvertiserName: 'Winter Coats',
    PartnerId: 'seatwin',
    CurrencyCode: 'GBP',
    Availability: 'Available',
  },
  {
    AdvertiserId: 'advtea5',
    AdvertiserName: 'Autumn Tea',
    PartnerId: 'seatxall',
    CurrencyCode: 'JPY',
    Availability: 'Available',
  },
];
