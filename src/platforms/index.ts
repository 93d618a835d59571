import { amazonAds } from './amazon-ads/index.ts';
import { googleAds } from './google-ads/index.ts';
import { googleCm360 } from './google-cm360/index.ts';
import { googleDv360 } from './google-dv360/index.ts';
import type { Platform } from './kit/platform.ts';
import { linkedin } from './linkedin/index.ts';
import { meta } from './meta/index.ts';
import { pinterest } from './pinterest/index.ts';
import { snapchat } from './snapchat/index.ts';
import { tiktok } from './tiktok/index.ts';
import { tradeDesk } from './trade-desk/index.ts';

/** Every platform that Evergrant knows. One line each; nothing else in the house names them. */
export const PLATFORMS: readonly Platform[] = [
  amazonAds,
  googleAds,
  googleCm360,
  googleDv360,
  linkedin,
  meta,
  pinterest,
  snapchat,
  tiktok,
  tradeDesk,
];
