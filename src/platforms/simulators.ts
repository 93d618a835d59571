import { simulateAmazonAds } from './amazon-ads/simulator.ts';
import { simulateGoogle } from './google/simulator.ts';
import type { SimulatorFactory } from './kit/simulator.ts';
import { simulateLinkedIn } from './linkedin/simulator.ts';
import { simulateMeta } from './meta/simulator.ts';
import { simulatePinterest } from './pinterest/simulator.ts';
import { simulateSnapchat } from './snapchat/simulator.ts';
import { simulateTiktok } from './tiktok/simulator.ts';
import { simulateTradeDesk } from './trade-desk/simulator.ts';

/** Every simulated platform (or family that shares its sign-in). One line each. */
export const SIMULATORS: readonly SimulatorFactory[] = [
  simulateAmazonAds,
  simulateGoogle,
  simulateLinkedIn,
  simulateMeta,
  simulatePinterest,
  simulateSnapchat,
  simulateTiktok,
  simulateTradeDesk,
];
