import type { House } from '../../app/context.ts';
import { Problem } from '../../app/errors.ts';
import { overview } from '../../app/overview.ts';
import type { FindKey } from '../authenticate.ts';
import { clearCookie, setCookie } from '../cookies.ts';
import { placesOf, type ServerOptions } from '../options.ts';
import type { PageAnswer, PageCall, PageSpec } from '../page.ts';
import { overviewPage, signInPage } from '../pages/overviewPage.ts';
import { startVisit, VISIT } from '../visit.ts';
import { visitorOf } from '../visitor.ts';

/** The operator's page: what is connected, what is broken, how it is mended. It only reads. */
export function dashboardPages(house: House, options: ServerOptions, findKey: FindKey): readonly PageSpec[] {
  const places = placesOf(house, options);

  async function show(call: PageCall): Promise<PageAnswer> {
    const who = await visitorOf(house, options, call.request);
    if (!who) return { page: signInPage(null, places) };
    const seen = await overview(who.ctx);
    return { page: overviewPage(seen, { signedIn: who.key !== null, places }) };
  }

  async function signIn({ form, reply }: PageCall): Promise<PageAnswer> {
    try {
      const value = await startVisit(house, await findKey(form.get('api_key')?.trim() ?? ''));
      setCookie(reply, house.publicUrl, VISIT, value);
      return { redirect: '/' };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      house.log.warn({ code: error.code }, 'A sign-in to the page was refused');
      const page = signInPage('This key is not valid here, or may not read.', places);
      return { page, status: error.status };
    }
  }

  return [
    {
      name: 'showOverview',
      method: 'GET',
      path: '/',
      summary: 'What is connected, and what is broken',
      answers: ['page'],
      handle: show,
    },
    {
      name: 'signIn',
      method: 'POST',
      path: '/sign-in',
      summary: 'Look at the page with an API key',
      answers: ['redirect', 'page'],
      handle: signIn,
    },
    {
      name: 'signOut',
      method: 'POST',
      path: '/sign-out',
      summary: 'Forget the API key',
      answers: ['redirect'],
      handle: async ({ reply }) => {
        clearCookie(reply, house.publicUrl, VISIT);
        return { redirect: '/' };
      },
    },
  ];
}
