import { listActivity, listDeadlines, listOutages, verifyActivity } from '../../app/readHistory.ts';
import { byId, listAnswer, pageOf, wholeList } from '../paging.ts';
import { route } from '../route.ts';
import {
  activityList,
  activityQuery,
  deadlineList,
  deadlineQuery,
  outageList,
  outageQuery,
  verified,
} from '../schemas/history.ts';

const tag = 'History';
const scope = 'read';

export const historyRoutes = [
  route({
    name: 'listActivity',
    method: 'GET',
    path: '/v1/activity',
    scope,
    tag,
    summary: 'Read the activity log, newest first',
    query: activityQuery,
    answer: activityList,
    handle: async ({ ctx, query }) => {
      const { subject, action, limit } = query;
      const page = { limit: limit + 1, beforeSeq: query.cursor ?? null };
      return listAnswer(await listActivity(ctx, { subject, action }, page), limit, (row) => String(row.seq));
    },
  }),
  route({
    name: 'verifyActivity',
    method: 'GET',
    path: '/v1/activity/verify',
    scope,
    tag,
    summary: 'Check that the activity log is unbroken',
    answer: verified,
    handle: ({ ctx }) => verifyActivity(ctx),
  }),
  route({
    name: 'listOutages',
    method: 'GET',
    path: '/v1/outages',
    scope,
    tag,
    summary: 'List outages, newest first',
    query: outageQuery,
    answer: outageList,
    handle: async ({ ctx, query }) => {
      const { connection_id: connectionId, open, limit } = query;
      return listAnswer(await listOutages(ctx, { connectionId, open }, pageOf(query)), limit, byId);
    },
  }),
  route({
    name: 'listDeadlines',
    method: 'GET',
    path: '/v1/deadlines',
    scope,
    tag,
    summary: 'List what only a person can put off, soonest first',
    query: deadlineQuery,
    answer: deadlineList,
    handle: async ({ ctx, query }) => wholeList(await listDeadlines(ctx, query.within_days)),
  }),
];
