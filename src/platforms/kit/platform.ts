import type { PlatformAdapter } from './adapter.ts';
import type { PlatformProfile } from './profile.ts';

/** A platform as the rest of the house sees it: what is true about it, and how to talk to it. */
export interface Platform {
  readonly profile: PlatformProfile;
  readonly adapter: PlatformAdapter;
}
