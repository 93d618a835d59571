import { completeConnect } from '../../app/completeConnect.ts';
import { connectedAddress, returnAddress } from '../../app/connectedPage.ts';
import { clearCookie, readCookie } from '../cookies.ts';
import type { PageAnswer, PageCall, PageSpec } from '../page.ts';
import { BROWSER, LINK, STATE } from './hostedCookies.ts';

/** Takes the person back and leads on at once, so that the code does not stay in the address. */
async function takeBack({ house, request, reply, params, query }: PageCall): Promise<PageAnswer> {
  const platformId = params.platform ?? '';
  const browserSecret = readCookie(request, BROWSER.name);
  const keptState = readCookie(request, STATE.name);
  const { session } = await completeConnect(house, { platformId, query, browserSecret, keptState });
  clearCookie(reply, house.publicUrl, STATE);
  clearCookie(reply, house.publicUrl, LINK(session.platform));
  return { redirect: returnAddress(session) ?? (await connectedAddress(house, session)) };
}

export const callbackPages: readonly PageSpec[] = [
  {
    name: 'oauthCallback',
    method: 'GET',
    path: '/oauth/callback/{platform}',
    summary: 'Where platforms send people back to',
    query: {
      code: 'The authorization code.',
      state: 'As it was sent to the platform.',
      error: 'Why there is no code (RFC 6749 4.1.2.1).',
    },
    answers: ['redirect', 'page'],
    handle: takeBack,
    tryAgain: ({ request }) => {
      const link = readCookie(request, LINK('').name);
      return link === null ? null : `/connect/${link}`;
    },
  },
];
