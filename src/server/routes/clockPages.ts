import type { House } from '../../app/context.ts';
import { Problem } from '../../app/errors.ts';
import { contextOfKey } from '../../app/manageApiKeys.ts';
import {
  type Forward,
  forwardClock,
  freezeClock,
  readClock,
  resumeClock,
  stopClock,
} from '../../app/manageClock.ts';
import { readSpan } from '../../app/span.ts';
import type { Instant } from '../../core/instant.ts';
import { setCookie } from '../cookies.ts';
import { placesOf, type ServerOptions } from '../options.ts';
import type { PageAnswer, PageCall, PageSpec } from '../page.ts';
import { type Clock, clockPage, FOLLOW_SECONDS, isUnderWay } from '../pages/clockPage.ts';
import type { Places } from '../pages/navigation.ts';
import { signInPage } from '../pages/overviewPage.ts';
import { startVisit, VISIT, VISIT_MS } from '../visit.ts';
import { type Visitor, visitorOf } from '../visitor.ts';

const SHOW_PROGRESS_AFTER_MS = 1_500;

/** The page of a sandbox on which its clock is frozen and moved. */
export function clockPages(house: House, options: ServerOptions): readonly PageSpec[] {
  const places = placesOf(house, options);

  async function show({ request, reply, query }: PageCall): Promise<PageAnswer> {
    const who = await visitorOf(house, options, request);
    if (!who) return { page: signInPage(null, places) };
    if (who.until && who.until - house.now() > VISIT_MS && !isMoving())
      await visitOn(who, reply, house.now());
    return showing(await readClock(who.ctx), places, query.get('follow') === '1');
  }

  async function change(call: PageCall): Promise<PageAnswer> {
    const who = await visitorOf(house, options, call.request);
    if (!who) return { redirect: '/clock' };
    if (who.key) contextOfKey(house, who.key, 'admin');
    try {
      await perform(who, call);
      return { redirect: '/clock' };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const by = call.form.get('by') ?? '';
      const page = clockPage(await readClock(who.ctx), { places, refused: error.message, by });
      return { page, status: error.status };
    }
  }

  async function perform(who: Visitor, { form, reply }: PageCall): Promise<void> {
    const { ctx } = who;
    const verb = form.get('do') ?? '';
    if (verb === 'freeze') await freezeClock(ctx);
    else if (verb === 'resume') await resumeClock(ctx);
    else if (verb === 'stop') await stopClock(ctx);
    else {
      const { move } = await forwardClock(ctx, forwardOf(verb, form), SHOW_PROGRESS_AFTER_MS);
      await visitOn(who, reply, move && isMoving() ? Date.parse(move.to) : house.now());
    }
  }

  const isMoving = (): boolean => house.clock?.move?.state === 'under_way';

  /**
   * Who moves the clock is not signed out by it: while it is under way the visit counts from where it leads, and from where
   * it stands once that is over, also where it was stopped before.
   */
  async function visitOn({ key }: Visitor, reply: PageCall['reply'], from: Instant): Promise<void> {
    if (key) setCookie(reply, house.publicUrl, VISIT, await startVisit(house, key, from));
  }

  const path = '/clock';
  return [
    {
      name: 'showClock',
      method: 'GET',
      path,
      summary: 'The clock of a sandbox',
      query: { follow: '`1`: it is loaded again every two seconds while the clock moves.' },
      answers: ['page'],
      handle: show,
    },
    {
      name: 'changeClock',
      method: 'POST',
      path,
      summary: 'Freeze or move the clock of a sandbox',
      answers: ['redirect', 'page'],
      handle: change,
    },
  ];
}

/** Loaded again by itself while the clock moves, for whoever follows it. */
function showing(clock: Clock, places: Places, follow: boolean): PageAnswer {
  const page = clockPage(clock, { places, follow });
  return follow && isUnderWay(clock.move) ? { page, againAfterSeconds: FOLLOW_SECONDS } : { page };
}

function forwardOf(verb: string, form: URLSearchParams): Forward {
  if (verb === 'next_renewal') return { next: 'renewal' };
  if (verb === 'next_deadline') return { next: 'deadline' };
  const byMs = readSpan(verb === 'by' ? (form.get('by') ?? '') : verb);
  if (byMs !== undefined) return { byMs };
  throw new Problem('invalid_request', 'A span is a number and a unit: 30s, 15m, 36h, 90d or 2w.');
}
