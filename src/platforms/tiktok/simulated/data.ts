import type { SimPerson } from '../../kit/simulator.ts';

/** Users of TikTok for Business; their ids are longer than a number holds. */
export const USERS: readonly SimPerson[] = [
  { id: '7312345678901234561', name: 'Ida Sommer', email: 'ida@example.org' },
  { id: '7312345678901234562', name: 'Noah Winter', email: 'noah@example.org' },
  { id: '7312345678901234563', name: 'Mina Herbst', email: 'mina@example.org' },
];

/** TikTok accounts of the same people; the id belongs to one account and one app. */
export const CREATORS: readonly SimPerson[] = [
  { id: '-000IdaSommerQm1aVt8c4Xr0001', name: 'idaruns', email: 'idaruns@example.org' },
  { id: '-000NoahWinterZk7eLp2w9Ty0002', name: 'noahcooks', email: 'noahcooks@example.org' },
  { id: '-000MinaHerbstBd5uHs6n3Wq0003', name: 'minapaints', email: 'minapaints@example.org' },
];

export interface SimAdvertiser {
  readonly advertiser_id: string;
  readonly name: string;
  status: string;
  readonly currency: string;
  readonly timezone: string;
  readonly balance: number;
}

export const advertisers = (): SimAdvertiser[] => [
  advertiser('7300000000000000101', 'Summer Shoes DE', 'STATUS_ENABLE', 'EUR', 'Europe/Berlin'),
  advertiser('7300000000000000102', 'Summer Shoes US', 'STATUS_ENABLE', 'USD', 'America/New_York'),
  advertiser('7300000000000000103', 'Winter Coats UK', 'STATUS_PENDING_VERIFIED', 'GBP', 'Europe/London'),
  advertiser('7300000000000000104', 'Old Boots JP', 'STATUS_DISABLE', 'JPY', 'Asia/Tokyo'),
];

function advertiser(
  advertiser_id: string,
  name: string,
  status: string,
  currency: string,
  timezone: string,
): SimAdvertiser {
  return { advertiser_id, name, status, currency, timezone, balance: 12.5 };
}

/** What the app may ask an advertiser for: ticked in the portal, by number. */
export const APP_PERMISSIONS = [
  '1:Ad-Account-Management',
  '2:Ads-Management',
  '4:Reporting',
  '6:Creative-Management',
  '8:Pixel-Management',
];
