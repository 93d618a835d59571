import { DAY_MS, HOUR_MS, MINUTE_MS, toRfc3339 } from '../core/instant.ts';
import {
  type DueReminder,
  dueReminders,
  marksAfter,
  nextReminderAt,
  wordsOfDeadline,
} from '../core/reminder.ts';
import type { GrantRecord, NewActivity } from '../store/records.ts';
import type { ClaimedGrant } from '../store/store.ts';
import type { House } from './context.ts';
import { giveBack, takeOver } from './lapse.ts';
import { remindableOf } from './schedule.ts';

/** No platform is called under this claim: it is over in a moment, or its process is gone. */
const LEASE_MS = MINUTE_MS;
const LARGEST_BATCH = 100;
/** One that failed is looked at again so much later: reminders are told in days. */
const AFTER_FAILURE_MS = HOUR_MS;

/** One reminder of one deadline, for whoever brings it to people. Never secret. */
export interface Reminder {
  readonly workspaceId: string;
  readonly grant: string;
  readonly platform: string;
  readonly connections: readonly string[];
  /** What ends. */
  readonly kind: string;
  /** When, RFC 3339. */
  readonly at: string;
  /** Whole days from now; a late reminder has fewer than `daysBefore`. */
  readonly daysLeft: number;
  /** Which of the reminders it is. */
  readonly daysBefore: number;
  readonly endsGrant: boolean;
  /** Who can put it off. */
  readonly who: string;
  readonly remedy: string;
}

/** What one look brought. */
export interface Look {
  /** How many reminders there were. */
  readonly sent: number;
  /** Whether as many grants were taken as one look takes: more may be due. */
  readonly isFull: boolean;
}

/**
 * Reminds of what only a person can put off, of a hundred grants at most: whoever looks has other work, too. Each reminder
 * is on record (`deadline.reminded`) in the transaction that marks it as sent, and under the claim that all other work on
 * the grant needs too: so once, over all processes and whenever one is killed.
 */
export async function remindOfDeadlines(house: House): Promise<Look> {
  const claim = {
    now: house.now(),
    owner: `${house.nodeId}:remind`,
    leaseMs: LEASE_MS,
    limit: LARGEST_BATCH,
  };
  const claimed = await house.store.claimReminders(claim);
  let sent = 0;
  // A transaction each: what is wrong with one keeps no other back.
  for (const grant of claimed) sent += await remindSafely(house, grant);
  return { sent, isFull: claimed.length === LARGEST_BATCH };
}

/** One that fails is tried again later, and does not stand before the others until then. */
async function remindSafely(house: House, claimed: ClaimedGrant): Promise<number> {
  try {
    return await remindOfOne(house, claimed);
  } catch (error) {
    house.log.warn({ grant: claimed.id, err: error }, 'A reminder of a deadline could not be sent yet');
    await putOff(house, claimed)
      .catch(() => giveBack(house, [claimed], null))
      .catch(() => undefined);
    return 0;
  }
}

async function putOff(house: House, claimed: ClaimedGrant): Promise<void> {
  const now = house.now();
  const grant = { ...takeOver(claimed, now), remindAt: now + AFTER_FAILURE_MS };
  await house.store.applyOutcomes([{ grant, activity: [] }]);
}

async function remindOfOne(house: House, claimed: ClaimedGrant): Promise<number> {
  const now = house.now();
  const grant = takeOver(claimed, now);
  const platform = await house.registry.find(grant.workspaceId, grant.platform);
  const method = platform?.profile.methods.find(({ id }) => id === grant.method);
  if (!method) throw new Error(`There is no method ${grant.method} of ${grant.platform} any more.`);
  const about = remindableOf(method.cadence, grant);
  const due = dueReminders(about, now);
  const reminded = marksAfter(grant.reminded, due, now);
  const remindAt = nextReminderAt({ ...about, marks: reminded }, now);
  const connections = due.length === 0 ? [] : await connectionsOn(house, grant);
  const reminders = due.map((one) => reminderOf(grant, connections, one, now));
  const activity = reminders.map((reminder) => reminderRow(reminder, now));
  const [stood] = await house.store.applyOutcomes([{ grant: { ...grant, reminded, remindAt }, activity }]);
  if (!stood) return 0;
  for (const reminder of reminders) tell(house, reminder);
  return reminders.length;
}

async function connectionsOn({ store }: House, { workspaceId, id }: GrantRecord): Promise<readonly string[]> {
  const filter = { grantId: id, status: 'connected' } as const;
  const views = await store.listConnections(workspaceId, filter, { limit: 100, after: null });
  return views.map(({ connection }) => connection.id);
}

function reminderOf(
  { workspaceId, id, platform }: GrantRecord,
  connections: readonly string[],
  { end, daysBefore }: DueReminder,
  now: number,
): Reminder {
  return {
    workspaceId,
    grant: id,
    platform,
    connections,
    kind: end.kind,
    at: toRfc3339(end.at),
    daysLeft: Math.floor((end.at - now) / DAY_MS),
    daysBefore,
    endsGrant: end.endsGrant,
    ...wordsOfDeadline(end.kind),
  };
}

function reminderRow(reminder: Reminder, now: number): NewActivity {
  const { workspaceId, grant, platform, connections, kind, at, who, remedy } = reminder;
  const detail = {
    platform,
    kind,
    at,
    days_left: reminder.daysLeft,
    days_before: reminder.daysBefore,
    ends_grant: reminder.endsGrant,
    who,
    remedy,
    link: `POST /v1/connect-sessions with “connection_id” ${connections.join(' or ') || '(no connection rests on it)'} makes the link for it.`,
  };
  const subjects = [grant, ...connections];
  return { workspaceId, at: now, actor: 'keeper', action: 'deadline.reminded', subjects, detail };
}

/**
 * Where delivery begins. So far the log line is all there is, and the record in the activity log what counts: a channel
 * that must not lose one (mail, webhook) puts its delivery beside that record, in the same transaction.
 */
function tell(house: House, reminder: Reminder): void {
  const { workspaceId: workspace, ...said } = reminder;
  house.log.warn({ workspace, ...said }, 'A deadline comes nearer, and only a person can put it off');
}
