import type { SimBreak } from '../../kit/simulator.ts';

interface Fault extends Pick<SimBreak, 'title' | 'truth' | 'by'> {
  readonly code: number;
  readonly message: string;
}

/** What stands in the way of every call while it is switched on, and goes by itself or by the operator. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  developer_unapproved: {
    title: 'The developer profile is no longer approved',
    truth: 'app_misconfigured',
    by: 'platform',
    code: 40124,
    message: 'The developer profile is not filled in and approved.',
  },
  app_permission_withdrawn: {
    title: 'The app loses a permission in the portal',
    truth: 'permission_missing',
    by: 'operator',
    code: 40125,
    message: "The developer doesn't have the permission to perform the operation.",
  },
  server_country_refused: {
    title: 'TikTok refuses the country of the server',
    truth: 'policy_violation',
    code: 41000,
    message: 'The client IP is on the banned country list.',
  },
  rate_limited: {
    title: 'Too many calls in a second',
    truth: 'rate_limited',
    code: 40100,
    message: 'Requests made too frequently. The QPS of the app has reached its limit.',
  },
  daily_quota: {
    title: 'The calls of the day are used up',
    truth: 'quota_exceeded',
    code: 40100,
    message: 'Requests made too frequently. The QPD of the app has reached its limit.',
  },
  maintenance: {
    title: 'TikTok is in maintenance',
    truth: 'platform_outage',
    code: 60001,
    message: 'The system is in maintenance.',
  },
};
