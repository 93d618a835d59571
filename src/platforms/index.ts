import type { Platform } from './kit/platform.ts';
import { snapchat } from './snapchat/index.ts';

/** Every platform that Evergrant knows. One line each; nothing else in the house names them. */
export const PLATFORMS: readonly Platform[] = [snapchat];
