import { amazonAds } from './amazon-ads/index.ts';
import type { Platform } from './kit/platform.ts';
import { linkedin } from './linkedin/index.ts';
import { meta } from './meta/index.ts';
import { snapchat } from './snapchat/index.ts';
import { tiktok } from './tiktok/index.ts';
import { tradeDesk } from './trade-desk/index.ts';

/** Every platform that Evergrant knows. One line each; nothing else in the house names them. */
export const PLATFORMS: readonly Platform[] = [amazonAds, linkedin, meta, snapchat, tiktok, tradeDesk];
