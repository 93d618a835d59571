import { CAUSES } from '../core/cause.ts';
import { IS_KEPT } from '../core/grantState.ts';
import { type Instant, toRfc3339 } from '../core/instant.ts';
import type { AppSettingSpec, PlatformProfile } from '../platforms/kit/profile.ts';
import type { AppBreaker, AppRecord, Environment } from '../store/records.ts';
import type { AppChange, Page } from '../store/store.ts';
import type { Context, House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { newId } from './ids.ts';
import { requireCursor } from './listParameters.ts';
import { numberOr } from './numbers.ts';
import { pages } from './pages.ts';
import { inRealTime } from './sandboxClock.ts';
import { platformOf } from './startConnect.ts';
import { type Said, written } from './written.ts';

export interface AppInput {
  readonly platform: string;
  readonly environment: Environment;
  readonly name?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Registers the operator's OAuth client of a platform here. Its secret is sealed and never shown again. */
export async function createApp(ctx: Context, input: AppInput) {
  const { house, workspaceId } = ctx;
  const platform = await platformOf(ctx, input.platform);
  const { profile } = platform;
  if (profile.appNeedsClient && (!input.clientId || input.clientSecret === undefined)) {
    throw new Problem(
      'invalid_request',
      `${profile.name} needs client_id and client_secret. ${profile.setup[0] ?? ''}`,
    );
  }
  if (input.environment === 'sandbox') await refuseDeclared(ctx, profile);
  const now = house.now();
  const id = newId(house, 'app');
  const record: AppRecord = {
    workspaceId,
    id,
    platform: profile.id,
    environment: input.environment,
    name: input.name ?? profile.name,
    clientId: input.clientId ?? '',
    clientSecret: await sealSecret(ctx, id, input.clientSecret, 1),
    secretVersion: 1,
    settings: checkSettings(profile.appSettings, input.settings ?? {}),
    breaker: null,
    createdAt: now,
    updatedAt: now,
  };
  const insert = () => written(ctx, saidOf(record, 'app.created'), (store) => store.insertApp(record));
  await (record.environment === 'live' ? inRealTime(house.clock, insert) : insert());
  return viewApp(record, house.now());
}

/** Nothing simulates a declared server: an app of it in the sandbox could never be connected. */
async function refuseDeclared({ house, workspaceId }: Context, { id, name }: PlatformProfile): Promise<void> {
  if ((await house.store.getDeclaration(workspaceId, id)) === null) return;
  throw new Problem(
    'invalid_request',
    `${name} is declared in this workspace, and the sandbox simulates only the platforms that Evergrant brings. Make the app with environment “live”: its server is then called as it was declared. A test server in your own network has to be named in EVERGRANT_ALLOW_PRIVATE_HOSTS.`,
  );
}

/**
 * Changes what is asked for of an app, and nothing else: a secret or a setting that is set meanwhile stays. A new secret
 * takes effect with the next renewal; every change closes the breaker, so that the app is tried at once.
 */
export async function updateApp(ctx: Context, id: string, input: Partial<AppInput>) {
  const { house, workspaceId } = ctx;
  const before = await requireApp(ctx, id);
  const platform = await platformOf(ctx, before.platform);
  const { name, clientId } = input;
  const secret = await newSecretOf(ctx, before, input);
  const { settings } = input;
  if (settings) checkSettings(platform.profile.appSettings, { ...before.settings, ...settings });
  const change: AppChange = { workspaceId, id, name, clientId, ...secret, settings, updatedAt: house.now() };
  const action = secret ? 'app.secret_changed' : 'app.updated';
  await written(ctx, saidOf(before, action), async (store) => {
    if (!(await store.updateApp(change))) throw notFound('app', id);
  });
  await house.breakers.inTurn(before, async () => {
    await house.store.setBreaker(workspaceId, id, null);
    await house.store.hastenSpared(workspaceId, id, house.now());
  });
  house.breakers.see({ ...before, breaker: null });
  return viewApp(await requireApp(ctx, id), house.now());
}

/** Undefined: the secret stays as it is. */
async function newSecretOf(
  ctx: Context,
  { id, secretVersion: before }: AppRecord,
  { clientSecret }: Partial<AppInput>,
) {
  if (clientSecret === undefined) return undefined;
  const secretVersion = before + 1;
  return { clientSecret: await sealSecret(ctx, id, clientSecret, secretVersion), secretVersion };
}

export async function listApps(ctx: Context, page: Page) {
  await requireCursor(ctx, 'apps', page);
  const now = ctx.house.now();
  return (await ctx.house.store.listApps(ctx.workspaceId, page)).map((record) => viewApp(record, now));
}

/** Whether anything real hangs on this workspace. */
export async function hasLiveApp({
  house,
  workspaceId,
}: Pick<Context, 'workspaceId'> & { readonly house: Pick<House, 'store'> }): Promise<boolean> {
  const list = pages(
    (page: Page) => house.store.listApps(workspaceId, page),
    ({ id }) => id,
  );
  for await (const apps of list) if (apps.some((app) => app.environment === 'live')) return true;
  return false;
}

/** One app, with how near each identity is to the platform's cap of live authorizations. */
export async function getApp(ctx: Context, id: string) {
  const record = await requireApp(ctx, id);
  return { ...viewApp(record, ctx.house.now()), census: await censusOf(ctx, record) };
}

export async function deleteApp(ctx: Context, id: string): Promise<void> {
  const record = await requireApp(ctx, id);
  await written(ctx, saidOf(record, 'app.deleted'), async (store) => {
    if (await store.deleteApp(ctx.workspaceId, id)) return;
    throw new Problem(
      'conflict',
      'Grants rest on this app, or did, and their history stays with it. It cannot be deleted.',
    );
  });
}

async function censusOf(ctx: Context, app: AppRecord) {
  const platform = await platformOf(ctx, app.platform);
  const cap = platform.profile.methods
    .map((method) => method.cadence.liveGrantCap.value)
    .find((value) => typeof value === 'number');
  if (typeof cap !== 'number') return [];
  const grants = await ctx.house.store.listGrants(
    ctx.workspaceId,
    { appId: app.id },
    { limit: 1000, after: null },
  );
  const counts = new Map<string, { identity: string; authorizations: number }>();
  for (const grant of grants) {
    if (!grant.identity || !IS_KEPT[grant.state]) continue;
    const entry = counts.get(grant.identity.id) ?? {
      identity: grant.identity.name ?? grant.identity.id,
      authorizations: 0,
    };
    entry.authorizations += numberOr(grant.facts.consentCount, 1);
    counts.set(grant.identity.id, entry);
  }
  const warnAt = Math.floor(cap * 0.8);
  return [...counts.values()].map((entry) => ({ ...entry, cap, warning: entry.authorizations >= warnAt }));
}

async function requireApp(ctx: Context, id: string): Promise<AppRecord> {
  const record = await ctx.house.store.getApp(ctx.workspaceId, id);
  if (!record) throw notFound('app', id);
  return record;
}

async function sealSecret(
  ctx: Context,
  id: string,
  secret: string | undefined,
  version: number,
): Promise<string | null> {
  if (secret === undefined || secret === '') return null;
  const vault = await ctx.house.vault.forWorkspace(ctx.workspaceId);
  return vault.seal({ owner: id, field: 'client_secret', version }, secret);
}

/** Settings that every app may have beside its platform's own. */
const COMMON_SETTINGS: readonly string[] = ['renewals_per_minute'];

function checkSettings(specs: readonly AppSettingSpec[], settings: Readonly<Record<string, unknown>>) {
  for (const [name, value] of Object.entries(settings)) {
    const spec = specs.find((candidate) => candidate.id === name);
    const known = [...specs.map((one) => one.id), ...COMMON_SETTINGS].join(', ');
    if (!spec && !COMMON_SETTINGS.includes(name))
      throw new Problem('invalid_request', `There is no app setting “${name}”. Known: ${known}.`);
    if (spec?.choices && !spec.choices.includes(String(value))) {
      throw new Problem('invalid_request', `${spec.label}: choose one of ${spec.choices.join(', ')}.`);
    }
  }
  const missing = specs
    .filter((spec) => spec.required && settings[spec.id] === undefined)
    .map((spec) => spec.id);
  if (missing.length > 0)
    throw new Problem('invalid_request', `These app settings are needed: ${missing.join(', ')}.`);
  return settings;
}

/** Why the platform refuses an app, since when, what to do, and until when it is left alone. */
function viewFailing(breaker: AppBreaker, now: Instant) {
  const { meaning, ...usual } = CAUSES[breaker.cause];
  const { who = usual.who, remedy = usual.remedy } = breaker;
  return {
    cause: breaker.cause,
    since: toRfc3339(breaker.since),
    explanation: meaning,
    who,
    remedy,
    retry_at: breaker.openUntil > now ? toRfc3339(breaker.openUntil) : null,
  };
}

function viewApp(record: AppRecord, now: Instant) {
  const { breaker } = record;
  return {
    id: record.id,
    platform: record.platform,
    environment: record.environment,
    name: record.name,
    client_id: record.clientId,
    has_secret: record.clientSecret !== null,
    settings: record.settings,
    failing: breaker && viewFailing(breaker, now),
    created_at: toRfc3339(record.createdAt),
    updated_at: toRfc3339(record.updatedAt),
  };
}

/** What the log says of an app. */
function saidOf({ id, platform, environment }: AppRecord, action: string): Said {
  return { action, subjects: [id], detail: { platform, environment } };
}
