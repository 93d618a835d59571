import type { Platform } from '../kit/platform.ts';
import { adapter } from './adapter.ts';
import { profile } from './profile.ts';

export const pinterest: Platform = { profile, adapter };
