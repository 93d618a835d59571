import { beginAuthorization } from '../app/beginAuthorization.ts';
import { completeConnect } from '../app/completeConnect.ts';
import { submitFields } from '../app/connectFields.ts';
import type { Context } from '../app/context.ts';
import { createApp } from '../app/manageApps.ts';
import { createClient } from '../app/manageClients.ts';
import { renewGrant } from '../app/renewGrant.ts';
import { startConnect } from '../app/startConnect.ts';
import type { Platform } from '../platforms/kit/platform.ts';
import type { Simulator } from '../platforms/kit/simulator.ts';

const CLIENTS = ['Alpine Shoes', 'Blue Harbour Hotels', 'Cedar & Sons', 'Delta Bikes'] as const;

/** What befalls a connection of the example after it was made, so that every state can be seen. */
const FATES: readonly ('works' | 'breaks' | 'lacks_scope')[] = [
  'works',
  'works',
  'breaks',
  'lacks_scope',
  'works',
  'works',
  'works',
];

export interface Example {
  readonly ctx: Context;
  readonly platforms: readonly Platform[];
  readonly simulators: readonly Simulator[];
  /** Fetches an address without following redirects: the person's browser. */
  readonly browse: (
    url: string,
    headers: Readonly<Record<string, string>>,
  ) => Promise<{ readonly location: string | null }>;
}

/** Fills a workspace with an agency's clients and connections on every simulated platform, in different states. */
export async function fillExampleWorkspace(example: Example): Promise<void> {
  const clients: { id: string }[] = [];
  for (const name of CLIENTS) clients.push(await createClient(example.ctx, { name }));
  for (const [index, platform] of example.platforms.entries()) {
    const simulator = example.simulators.find((one) => one.platforms.includes(platform.profile.id));
    if (simulator) await fillPlatform(example, platform, simulator, clients, index);
  }
}

async function fillPlatform(
  example: Example,
  platform: Platform,
  simulator: Simulator,
  clients: readonly { id: string }[],
  index: number,
): Promise<void> {
  const { ctx } = example;
  const { id } = platform.profile;
  const app = await createApp(ctx, { platform: id, environment: 'sandbox', ...simulator.app(id) });
  for (const [number, method] of platform.profile.methods.entries()) {
    const clientId = clients[(index + number) % clients.length]!.id;
    const person = simulator.people[number % simulator.people.length]?.id;
    const session = await startConnect(ctx, { clientId, appId: app.id, method: method.id });
    const token = session.url.slice(session.url.lastIndexOf('/') + 1);
    const fate = number === 0 ? FATES[index % FATES.length]! : 'works';
    const made =
      method.kind === 'fields'
        ? await submitFields(ctx.house, token, simulator.fields(id, method.id, person))
        : await signIn(example, token, id, {
            person,
            scopes: fate === 'lacks_scope' ? method.scopes.slice(1).map((scope) => scope.id) : undefined,
          });
    if (fate === 'breaks') await breakIt(example, simulator, id, method.id, made.grant);
  }
}

/** The person at the platform's consent page, and back again. */
async function signIn(
  example: Example,
  token: string,
  platformId: string,
  choice: { person?: string; scopes?: readonly string[] },
) {
  const { house } = example.ctx;
  const begun = await beginAuthorization(house, token, null);
  const headers = {
    'x-simulated-consent': 'allow',
    ...(choice.person ? { 'x-simulated-person': choice.person } : {}),
    ...(choice.scopes ? { 'x-simulated-scopes': choice.scopes.join(' ') } : {}),
  };
  const { location } = await example.browse(begun.url, headers);
  if (!location) throw new Error(`The simulated ${platformId} did not send the person back.`);
  const query = new URL(location).searchParams;
  return completeConnect(house, {
    platformId,
    query,
    browserSecret: begun.browserSecret,
    keptState: begun.state,
  });
}

async function breakIt(
  example: Example,
  simulator: Simulator,
  platformId: string,
  methodId: string,
  grant: { id: string; workspaceId: string; identity: { id: string } | null },
): Promise<void> {
  const switches = simulator
    .breaks(platformId)
    .filter((one) => !one.methods || one.methods.includes(methodId));
  const chosen =
    switches.find((one) => one.truth === 'password_changed') ??
    switches.find((one) => one.truth === 'revoked_by_user');
  chosen?.apply({ identity: grant.identity?.id });
  await renewGrant(example.ctx.house, { workspaceId: grant.workspaceId, id: grant.id }, 'renew', 'keeper');
}
