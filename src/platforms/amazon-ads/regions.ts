import type { AppConfig } from '../kit/adapter.ts';

export type Region = 'NA' | 'EU' | 'FE';

interface RegionHosts {
  readonly authorize: string;
  readonly token: string;
  readonly profile: string;
  readonly api: string;
}

/** Codes and tokens hold on all of them; ad accounts (profiles) live in one region only. */
export const REGIONS: Readonly<Record<Region, RegionHosts>> = {
  NA: {
    authorize: 'https://www.amazon.com/ap/oa',
    token: 'https://api.amazon.com/auth/o2/token',
    profile: 'https://api.amazon.com/user/profile',
    api: 'https://advertising-api.amazon.com',
  },
  EU: {
    authorize: 'https://eu.account.amazon.com/ap/oa',
    token: 'https://api.amazon.co.uk/auth/o2/token',
    profile: 'https://api.amazon.co.uk/user/profile',
    api: 'https://advertising-api-eu.amazon.com',
  },
  FE: {
    authorize: 'https://apac.account.amazon.com/ap/oa',
    token: 'https://api.amazon.co.jp/auth/o2/token',
    profile: 'https://api.amazon.co.jp/user/profile',
    api: 'https://advertising-api-fe.amazon.com',
  },
};

const ALL_REGIONS = Object.keys(REGIONS) as readonly Region[];

/** The app's own region; North America where the operator chose none. */
export function regionOf(app: AppConfig): Region {
  const chosen = String(app.settings.region ?? '').toUpperCase();
  return ALL_REGIONS.find((region) => region === chosen) ?? 'NA';
}

export const hostsOf = (app: AppConfig): RegionHosts => REGIONS[regionOf(app)];

export const otherRegions = (app: AppConfig): readonly Region[] =>
  ALL_REGIONS.filter((region) => region !== regionOf(app));
