import type { Context, House } from '../../app/context.ts';
import { Problem } from '../../app/errors.ts';
import { hasLiveApp } from '../../app/manageApps.ts';
import { overview } from '../../app/overview.ts';
import type { FindKey } from '../authenticate.ts';
import { clearCookie, setCookie } from '../cookies.ts';
import { cameFromThisMachine } from '../loopback.ts';
import type { ServerOptions } from '../options.ts';
import type { PageAnswer, PageCall, PageSpec } from '../page.ts';
import { overviewPage, signInPage } from '../pages/overviewPage.ts';
import { contextOfVisit, startVisit, VISIT } from '../visit.ts';

/** The operator's page: what is connected, what is broken, how it is mended. It only reads. */
export function dashboardPages(house: House, options: ServerOptions, findKey: FindKey): readonly PageSpec[] {
  const open = options.openDashboardWorkspaceId ?? null;

  async function visitor(call: PageCall): Promise<{ ctx: Context; signedIn: boolean } | null> {
    const ctx = await contextOfVisit(house, call.request);
    if (ctx) return { ctx, signedIn: true };
    if (open === null || !cameFromThisMachine(call.request, house.publicUrl)) return null;
    const ctxOfAll: Context = { house, workspaceId: open, actor: 'system' };
    return (await hasLiveApp(ctxOfAll)) ? null : { ctx: ctxOfAll, signedIn: false };
  }

  async function show(call: PageCall): Promise<PageAnswer> {
    const who = await visitor(call);
    if (!who) return { page: signInPage(null) };
    return { page: overviewPage(await overview(who.ctx), who.signedIn) };
  }

  async function signIn({ form, reply }: PageCall): Promise<PageAnswer> {
    try {
      const value = await startVisit(house, await findKey(form.get('api_key')?.trim() ?? ''));
      setCookie(reply, house.publicUrl, VISIT, value);
      return { redirect: '/' };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      house.log.warn({ code: error.code }, 'A sign-in to the page was refused');
      return { page: signInPage('This key is not valid here, or may not read.'), status: error.status };
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
