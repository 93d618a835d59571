import { completeConnect } from '../../app/completeConnect.ts';
import { connectedAddress, returnAddress } from '../../app/connectedPage.ts';
import { readProblem, sealProblem } from '../../app/connectProblem.ts';
import type { Problem } from '../../app/errors.ts';
import { clearCookie, readCookie } from '../cookies.ts';
import type { PageAnswer, PageCall, PageSpec } from '../page.ts';
import { problemPage } from '../pages/problemPage.ts';
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

/** Where the problem of a sign-in is told. Below the callback's path, so that the browser sends the link's cookie along. */
async function problemAddress(call: PageCall, problem: Problem): Promise<string> {
  const { house, request, params, query } = call;
  const state = query.get('state') || readCookie(request, STATE.name);
  const sealed = await sealProblem(house, state, problem);
  const told = new URLSearchParams({ code: problem.code, ...(sealed !== null && { in: sealed }) });
  return `/oauth/callback/${encodeURIComponent(params.platform ?? '')}/problem?${told}`;
}

async function showProblem({ house, request, query }: PageCall): Promise<PageAnswer> {
  const problem = await readProblem(house, query.get('in') ?? '', query.get('code') ?? '');
  const link = readCookie(request, LINK('').name);
  return {
    page: problemPage(problem, link === null ? null : `/connect/${link}`),
    status: problem.status,
  };
}

const OF_PLATFORM = { platform: 'The platform’s id, as `GET /v1/platforms` has it.' };

export const callbackPages: readonly PageSpec[] = [
  {
    name: 'oauthCallback',
    method: 'GET',
    path: '/oauth/callback/{platform}',
    parameters: OF_PLATFORM,
    summary: 'Where platforms send people back to',
    query: {
      code: 'The authorization code.',
      state: 'As it was sent to the platform.',
      error: 'Why there is no code (RFC 6749 4.1.2.1).',
    },
    answers: ['redirect'],
    handle: takeBack,
    problemAddress,
  },
  {
    name: 'showCallbackProblem',
    method: 'GET',
    path: '/oauth/callback/{platform}/problem',
    parameters: OF_PLATFORM,
    summary: 'Why a sign-in did not work, at an address without its code',
    query: {
      code: 'The problem’s code.',
      in: 'The problem, sealed by this service; lasts an hour.',
    },
    answers: ['page'],
    handle: showProblem,
  },
];
