import type { Platform } from '../kit/platform.ts';
import { adapter } from './adapter.ts';
import { profile } from './profile.ts';

export const meta: Platform = { profile, adapter };
