import { beginAuthorization } from '../../app/beginAuthorization.ts';
import { completeConnect } from '../../app/completeConnect.ts';
import { submitFields } from '../../app/connectFields.ts';
import type { Context } from '../../app/context.ts';
import { type StartConnectInput, startConnect } from '../../app/startConnect.ts';
import type { GrantRecord } from '../../store/records.ts';
import { simRequest } from './network.ts';
import { PUBLIC_URL } from './publicUrl.ts';
import type { Town } from './town.ts';

const MOST_REDIRECTS = 5;

/** The platform's own pages did not let the person through: a robot cannot sign in like a person. */
export class TurnedAway extends Error {
  override readonly name = 'TurnedAway';
}

export interface Visit {
  readonly platform: string;
  readonly method: string;
  readonly kind: 'oauth' | 'fields';
  /** As the platform knows the person; absent: its first. */
  readonly person?: string;
}

/** A person opens a connect link, does what it asks for, and comes back. Throws where the connection was not made. */
export async function connectAs(
  ctx: Context,
  town: Town,
  visit: Visit,
  input: StartConnectInput,
): Promise<{ readonly connectionId: string; readonly grant: GrantRecord }> {
  const session = await startConnect(ctx, input);
  const token = session.url.slice(session.url.lastIndexOf('/') + 1);
  const { connection, grant } =
    visit.kind === 'fields' ? await fillIn(ctx, town, visit, token) : await signIn(ctx, town, visit, token);
  return { connectionId: connection.id, grant };
}

function fillIn({ house }: Context, town: Town, { platform, method, person }: Visit, token: string) {
  return submitFields(house, token, town.simulatorOf(platform).fields(platform, method, person));
}

async function signIn({ house }: Context, town: Town, { platform, person }: Visit, token: string) {
  const begun = await beginAuthorization(house, token, null);
  const back = await throughConsent(town, new URL(begun.url), person);
  return completeConnect(house, {
    platformId: platform,
    query: back.searchParams,
    browserSecret: begun.browserSecret,
    keptState: begun.state,
  });
}

/** The browser at the platform: agrees, and follows where it is led until it is back. */
export async function throughConsent(town: Town, from: URL, person: string | undefined): Promise<URL> {
  const headers = {
    'x-simulated-consent': 'allow',
    ...(person === undefined ? {} : { 'x-simulated-person': person }),
  };
  let url = from;
  for (let step = 0; step < MOST_REDIRECTS; step += 1) {
    const simulator = town.simulatorAt(url.host);
    if (simulator === undefined) throw new TurnedAway(`The person was led to ${url.host}.`);
    const answer = await simulator.handle(simRequest({ method: 'GET', headers, body: '' }, url));
    const location = answer.headers?.location;
    if (location === undefined)
      throw new TurnedAway(`The consent page answered ${answer.status} and led nowhere.`);
    url = new URL(location, url);
    if (url.origin === PUBLIC_URL) return url;
  }
  throw new TurnedAway('The person was led from page to page.');
}
