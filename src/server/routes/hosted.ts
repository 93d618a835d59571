import { beginAuthorization } from '../../app/beginAuthorization.ts';
import { chooseProfile } from '../../app/chooseProfile.ts';
import { connectedAddress, connectedPage, returnAddress } from '../../app/connectedPage.ts';
import { submitFields } from '../../app/connectFields.ts';
import { connectPage, openSession } from '../../app/connectPage.ts';
import { Problem } from '../../app/errors.ts';
import { readReconnectLink } from '../../app/reconnectLink.ts';
import { startConnect } from '../../app/startConnect.ts';
import { readCookie, setCookie } from '../cookies.ts';
import { cameFromElsewhere } from '../crossSite.ts';
import type { PageAnswer, PageCall, PageSpec } from '../page.ts';
import { connectedPageView } from '../pages/connectedPage.ts';
import { connectPageView, type Refused } from '../pages/connectPage.ts';
import { BROWSER, LINK, STATE } from './hostedCookies.ts';

/** Where the link's page is. */
function addressOf({ params }: PageCall): string {
  return `/connect/${encodeURIComponent(params.token ?? '')}`;
}

async function showPage(call: PageCall, refused: (Refused & { status: number }) | null): Promise<PageAnswer> {
  const page = await connectPage(call.house, call.params.token ?? '');
  const { returnUrl } = page.session;
  const formTargets = returnUrl === null ? [] : [new URL(returnUrl).origin];
  return {
    page: connectPageView(page, addressOf(call), refused),
    status: refused?.status ?? 200,
    formTargets,
  };
}

async function goOn({ house, request, reply, params }: PageCall): Promise<PageAnswer> {
  const token = params.token ?? '';
  const session = await openSession(house, token);
  const begun = await beginAuthorization(house, token, readCookie(request, BROWSER.name));
  setCookie(reply, house.publicUrl, BROWSER, begun.browserSecret);
  setCookie(reply, house.publicUrl, STATE, begun.state);
  setCookie(reply, house.publicUrl, LINK(session.platform), token);
  return { redirect: begun.url };
}

/**
 * Signing in is for methods with a sign-in; the others have a form on the page. Whom another site sends here gets the
 * page first: it says who asks for what, and without it a link of somebody else's could lead straight to the consent.
 */
async function goOnOrShow(call: PageCall): Promise<PageAnswer> {
  if (cameFromElsewhere(call.request, call.house.publicUrl)) return { redirect: addressOf(call) };
  try {
    return await goOn(call);
  } catch (error) {
    if (error instanceof Problem && error.code === 'unknown_method') return { redirect: addressOf(call) };
    throw error;
  }
}

async function takeFields(call: PageCall): Promise<PageAnswer> {
  const { house, params, form } = call;
  const values = Object.fromEntries([...form].filter(([, value]) => value !== ''));
  try {
    const { session } = await submitFields(house, params.token ?? '', values);
    return { redirect: returnAddress(session) ?? (await connectedAddress(house, session)) };
  } catch (error) {
    if (!(error instanceof Problem) || !FIXABLE.has(error.code)) throw error;
    const errors = (error.extensions.errors ?? {}) as Record<string, string>;
    return showPage(call, { detail: error.message, errors, values, status: error.status });
  }
}

/** What the person can mend by other values, or by the same ones later: the form stays. */
const FIXABLE = new Set([
  'invalid_fields',
  'connect_failed',
  'identity_mismatch',
  'app_failing',
  'temporarily_unavailable',
]);

async function takeProfile({ house, params, form }: PageCall): Promise<PageAnswer> {
  const { session } = await chooseProfile(house, params.token ?? '', form.get('grant_id') ?? '');
  return { redirect: returnAddress(session) ?? (await connectedAddress(house, session)) };
}

const CONTINUE = { continue: '1: go straight to the platform.' };

/** For clients without a person. Whom another site sends sees the page all the same: `/continue` looks. */
const skipsPage = ({ query }: PageCall): boolean => query.get('continue') === '1';

/** A reconnect link opens a connect session of its own. */
async function followReconnectLink(call: PageCall): Promise<PageAnswer> {
  const { house, params } = call;
  const { workspaceId, connectionId } = await readReconnectLink(house, params.link ?? '');
  const { url } = await startConnect({ house, workspaceId, actor: 'account_holder' }, { connectionId });
  const address = url.slice(house.publicUrl.length);
  return { redirect: skipsPage(call) ? `${address}/continue` : address };
}

/** A secret of whoever was sent the link. */
const OF_LINK = { token: 'The end of the `url` that `POST /v1/connect-sessions` answered with.' };

export const hostedPages: readonly PageSpec[] = [
  {
    name: 'showConnectPage',
    method: 'GET',
    path: '/connect/{token}',
    parameters: OF_LINK,
    summary: 'The page behind a connect link: who asks, for what, what will happen',
    query: CONTINUE,
    answers: ['page', 'redirect'],
    handle: async (call) =>
      skipsPage(call) ? { redirect: `${addressOf(call)}/continue` } : showPage(call, null),
  },
  {
    name: 'continueToPlatform',
    method: 'GET',
    path: '/connect/{token}/continue',
    parameters: OF_LINK,
    summary: 'Send the person to the platform',
    answers: ['redirect'],
    handle: goOnOrShow,
    tryAgain: addressOf,
  },
  {
    name: 'submitFields',
    method: 'POST',
    path: '/connect/{token}/fields',
    parameters: OF_LINK,
    summary: 'Take the fields of a method without a sign-in',
    answers: ['redirect', 'page'],
    handle: takeFields,
    tryAgain: addressOf,
  },
  {
    name: 'chooseProfile',
    method: 'POST',
    path: '/connect/{token}/profile',
    parameters: OF_LINK,
    summary: 'Connect by a sign-in that is already there',
    answers: ['redirect'],
    handle: takeProfile,
    tryAgain: addressOf,
  },
  {
    name: 'showConnected',
    method: 'GET',
    path: '/connected/{sessionId}',
    parameters: { sessionId: 'The id of the connect session that was completed.' },
    summary: 'The page on which a person ends',
    query: { in: 'Sealed proof, made by this service; lasts an hour.' },
    answers: ['page'],
    handle: async ({ house, params, query }) => {
      return {
        page: connectedPageView(await connectedPage(house, params.sessionId ?? '', query.get('in') ?? '')),
      };
    },
  },
  {
    name: 'followReconnectLink',
    method: 'GET',
    path: '/reconnect/{link}',
    parameters: {
      link: 'The end of a `reconnect_url`, which a connection shows that a new authorization mends.',
    },
    summary: 'Open a reconnect link',
    query: CONTINUE,
    answers: ['redirect'],
    handle: followReconnectLink,
  },
];
