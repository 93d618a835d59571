import pg from 'pg';
import { Agent, request } from 'undici';
import { openAppOnce, openGrant } from '../src/app/openGrant.ts';
import { Keeper } from '../src/keeper/keeper.ts';
import { formPost } from '../src/platforms/kit/request.ts';
import { bareKeeper } from './bareKeeper.ts';
import { type Cleanup, withCleanup } from './cleanup.ts';
import { type CpuTime, cpuClock, usedBetween } from './cpuTime.ts';
import { type Figures, figure, median, perSecond, type Tell } from './figure.ts';
import { insertMany } from './manyGrants.ts';
import { startPrototype } from './prototype.ts';
import { type BenchWorld, startWorld, TOKEN_PATH } from './world.ts';

/** Calls under way at once, for both sides: the keeper's own capacity, and the wire's own connections. */
const CONCURRENCY = 1_000;
const CONNECTIONS = 128;
const ROUNDS = 10;

/**
 * Renewals by one keeper against the bare HTTP calls to the same token endpoint, in the same process, and beside what claims,
 * calls and writes alone would reach. All take turns, so that whatever else the machine does meets each; the ratios are
 * medians of the rounds.
 */
export function measureRenewals(tell: Tell, grants: number): Promise<Figures> {
  return withCleanup(async (cleanup) => {
    const world = await startWorld(cleanup);
    tell(`  ${grants} due grants are being sealed and inserted`);
    await insertMany(world, grants, 45);
    const agent = new Agent({ connections: CONNECTIONS, pipelining: 1 });
    cleanup.add(() => agent.close());
    const bare = await bareCall(world, agent);
    const byFetch = await fetchCall(world);
    const keeper = new Keeper(world.house, { capacity: CONCURRENCY });
    const each = Math.floor(grants / (2 * (ROUNDS + 2)));
    await many(each, bare);
    await renewMany(keeper, each);
    await rateOf(() => bareKeeper(world, bare, each));
    const prototype = await prototypeOf(world, agent, each * (ROUNDS + 2), cleanup);
    await rateOf(() => prototype(each));
    const rounds: {
      bare: number;
      byFetch: number;
      byBareKeeper: number;
      byPrototype: number;
      renewals: number;
    }[] = [];
    const clock = await cpuClock(world.databaseUrl, world.platformsPid);
    const used: (CpuTime & { readonly renewals: number })[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const bareRate = await many(each, bare);
      const fetchRate = await many(Math.ceil(each / 4), byFetch);
      const bareKeeperRate = await rateOf(() => bareKeeper(world, bare, each));
      const prototypeRate = await rateOf(() => prototype(each));
      const before = clock?.();
      const { renewals, rate } = await renewMany(keeper, each);
      if (clock && before) used.push({ ...usedBetween(before, clock()), renewals });
      const rates = {
        bare: bareRate,
        byFetch: fetchRate,
        byBareKeeper: bareKeeperRate,
        byPrototype: prototypeRate,
        renewals: rate,
      };
      rounds.push(rates);
      const ratio = rates.renewals / rates.bare;
      tell(
        `  round ${round}: ${rates.renewals.toFixed(0)} renewals/s, ${rates.bare.toFixed(0)} bare calls/s: ${ratio.toFixed(2)}`,
      );
    }
    await checkRenewed(world, 2 * each * (ROUNDS + 1));
    return {
      renewals_over_raw_http: figure(
        median(rounds.map((rates) => rates.renewals / rates.bare)),
        'ratio',
        '>= 0.5',
      ),
      renewals_per_second: figure(median(rounds.map((rates) => rates.renewals)), '1/s'),
      raw_http_per_second: figure(median(rounds.map((rates) => rates.bare)), '1/s'),
      bare_keeper_over_raw_http: figure(
        median(rounds.map((rates) => rates.byBareKeeper / rates.bare)),
        'ratio',
      ),
      prototype_over_raw_http: figure(median(rounds.map((rates) => rates.byPrototype / rates.bare)), 'ratio'),
      renewals_over_fetch: figure(median(rounds.map((rates) => rates.renewals / rates.byFetch)), 'ratio'),
      renewals_measured: figure(each * ROUNDS, 'renewals'),
      ...cpuFigures(used),
    };
  });
}

/** CPU for each renewal, by who used it: what stays comparable where other work shares the machine. */
function cpuFigures(used: readonly (CpuTime & { readonly renewals: number })[]): Figures {
  if (used.length === 0) return {};
  const total = (part: keyof (typeof used)[number]) => used.reduce((sum, round) => sum + round[part], 0);
  const of = (part: keyof CpuTime) => figure(total(part) / total('renewals'), 'us');
  return {
    renewal_cpu_keeper_us: of('keeper'),
    renewal_cpu_postgres_us: of('postgres'),
    renewal_cpu_platform_us: of('platform'),
  };
}

/** The request that a renewal sends, and its answer read as text, by the fastest client there is: nothing else. */
async function bareCall(world: BenchWorld, dispatcher: Agent): Promise<() => Promise<void>> {
  const { url, headers, body } = await tokenRequest(world);
  return async () => {
    const answer = await request(url, { dispatcher, method: 'POST', headers, body });
    check(answer.statusCode, await answer.body.text());
  };
}

/** {@link startPrototype} with the same credential, sent by the same client. */
async function prototypeOf(world: BenchWorld, dispatcher: Agent, count: number, cleanup: Cleanup) {
  const { url, headers, held } = await tokenRequest(world);
  const call = async (refreshToken: string): Promise<string> => {
    const body = formPost('token', 'https://unused.example/', renewalForm(world, refreshToken)).body;
    const answer = await request(url, { dispatcher, method: 'POST', headers, body });
    const text = await answer.body.text();
    check(answer.statusCode, text);
    return text;
  };
  const { access_token: accessToken = '', refresh_token: refreshToken = '' } = held.secrets;
  return startPrototype({ databaseUrl: world.databaseUrl, accessToken, refreshToken, call }, count, cleanup);
}

const renewalForm = ({ app }: BenchWorld, refreshToken: string) => ({
  grant_type: 'refresh_token',
  refresh_token: refreshToken,
  client_id: app.clientId,
  client_secret: app.clientSecret,
});

/** The same by `fetch`, as a program that renews its tokens itself would send it. */
async function fetchCall(world: BenchWorld): Promise<() => Promise<void>> {
  const { url, headers, body } = await tokenRequest(world);
  return async () => {
    const answer = await fetch(url, { method: 'POST', headers, body });
    check(answer.status, await answer.text());
  };
}

function check(status: number, text: string): void {
  if (status !== 200) throw new Error(`The token endpoint answered ${status}: ${text}`);
}

async function tokenRequest(world: BenchWorld) {
  const { house, model, platformsUrl } = world;
  const record = await house.store.getApp(model.grant.workspaceId, model.grant.appId);
  const { held } = await openGrant(house, await openAppOnce(house, record!, model.grant.method), model.grant);
  const form = renewalForm(world, held.secrets.refresh_token ?? '');
  const { headers, body } = formPost('token', 'https://unused.example/', form);
  return { url: `${platformsUrl}${TOKEN_PATH}`, headers, body, held };
}

/** Calls a second, a fixed number of calls, always as many under way. */
export async function many(count: number, call: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return perSecond(count, startedAt);
}

async function rateOf(work: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  return perSecond(await work(), startedAt);
}

/** At least so many renewals, claimed, sent, judged, sealed and on disk; and how many of them a second. */
async function renewMany(keeper: Keeper, count: number): Promise<{ renewals: number; rate: number }> {
  const startedAt = performance.now();
  let claimed = 0;
  while (claimed < count) {
    const tick = await keeper.tick();
    claimed += tick.claimed;
    if (tick.claimed === 0 && (tick.wakeAt ?? Number.POSITIVE_INFINITY) > Date.now())
      throw new Error('Fewer grants are due than were to be renewed.');
  }
  await keeper.settled();
  return { renewals: claimed, rate: perSecond(claimed, startedAt) };
}

/** Every renewal that was counted is in the database, with its row in the activity log. */
async function checkRenewed({ databaseUrl }: BenchWorld, least: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(`select
      (select count(*)::int from grants where credential_version = 2 and lease_owner is null and failures = 0) as grants,
      (select count(*)::int from activity where action = 'grant.renewed') as logged`);
    const { grants, logged } = rows[0];
    if (grants < least || logged < least)
      throw new Error(`Only ${grants} grants (${logged} in the log) of ${least} were renewed.`);
  } finally {
    await client.end();
  }
}
