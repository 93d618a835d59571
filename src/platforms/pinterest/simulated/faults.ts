import type { Cause } from '../../../core/cause.ts';
import type { SimAnswer } from '../../kit/simulator.ts';
import type { Answers } from './answers.ts';

interface Fault {
  readonly title: string;
  readonly truth: Cause;
  readonly answer: (answers: Answers) => SimAnswer;
}

/** What stands in the way of every call while it is switched on, and goes by itself or by the operator. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  app_without_access: {
    title: 'The app loses its Trial access',
    truth: 'app_disabled',
    answer: (answers) =>
      answers.error(401, 3, 'Your application consumer type is not supported, please contact support.'),
  },
  rate_limited: {
    title: 'Too many calls in a minute',
    truth: 'rate_limited',
    answer: (answers) => answers.limited(34),
  },
  daily_quota: {
    title: 'The Trial allowance of the day is used up',
    truth: 'quota_exceeded',
    answer: (answers) => answers.limited(67_150),
  },
  endpoint_off: {
    title: 'Pinterest takes endpoints off',
    truth: 'platform_outage',
    answer: (answers) =>
      answers.error(
        503,
        4197,
        'The endpoint has been ramped down and is currently not accepting any traffic.',
      ),
  },
  outage: {
    title: 'Pinterest is down',
    truth: 'platform_outage',
    answer: (answers) => answers.error(500, 5, 'Internal error'),
  },
};
