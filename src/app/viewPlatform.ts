import type { Cadence } from '../core/cadence.ts';
import type { Fact } from '../core/fact.ts';
import type { Platform } from '../platforms/kit/platform.ts';
import type { AuthMethod, PlatformProfile } from '../platforms/kit/profile.ts';
import { redirectUriOf } from './beginAuthorization.ts';
import type { Context } from './context.ts';
import { notFound } from './errors.ts';

/** Every platform that this workspace can use, its declared ones too. */
export async function listPlatforms(ctx: Context) {
  const platforms = await ctx.house.registry.all(ctx.workspaceId);
  const declared = await declaredIds(ctx);
  return platforms.map((platform) => viewPlatform(ctx, platform.profile, declared.has(platform.profile.id)));
}

/** What is true about one platform, with the sources. */
export async function getPlatform(ctx: Context, id: string) {
  const platform: Platform | null = await ctx.house.registry.find(ctx.workspaceId, id);
  if (!platform) throw notFound('platform', id);
  return viewPlatform(ctx, platform.profile, (await declaredIds(ctx)).has(platform.profile.id));
}

async function declaredIds(ctx: Context): Promise<Set<string>> {
  return new Set((await ctx.house.store.listDeclarations(ctx.workspaceId)).map((record) => record.id));
}

/** A platform as the API shows it. */
export function viewPlatform(ctx: Context, profile: PlatformProfile, declared: boolean) {
  return {
    id: profile.id,
    name: profile.name,
    aliases: profile.aliases,
    declared,
    redirect_uri: redirectUriOf(ctx.house, profile.id),
    hosts: profile.hosts,
    app_needs_client: profile.appNeedsClient,
    app_settings: profile.appSettings.map(({ id, label, help, choices, required }) => ({
      id,
      label,
      help,
      choices: choices ?? null,
      required: required ?? false,
    })),
    methods: profile.methods.map(viewMethod),
    setup: profile.setup,
    remarks: profile.remarks.map(({ text, source, checked, confidence, note }) => ({
      text,
      source,
      checked,
      confidence,
      note,
    })),
    revocation_notice: profile.revocationNotice,
  };
}

function viewMethod(method: AuthMethod) {
  return {
    id: method.id,
    name: method.name,
    kind: method.kind,
    pkce: method.pkce,
    notice: method.notice ?? null,
    cadence: viewCadence(method.cadence),
    scopes: method.scopes.map(({ id, description, byDefault, required, features }) => ({
      id,
      description,
      by_default: byDefault,
      required: required ?? true,
      features,
    })),
    fields: method.fields.map(({ id, label, help, secret, required, kind, choices }) => ({
      id,
      label,
      help,
      secret,
      required,
      kind,
      choices: choices ?? null,
    })),
  };
}

function viewCadence(cadence: Cadence) {
  return {
    access_lifetime_seconds: viewFact(cadence.accessLifetimeSeconds),
    mechanism: viewFact(cadence.mechanism),
    renewal_lifetime_seconds: viewFact(cadence.renewalLifetimeSeconds),
    renewal_clock: viewFact(cadence.renewalClock),
    single_use_renewal: viewFact(cadence.singleUseRenewal),
    idle_lifetime_seconds: viewFact(cadence.idleLifetimeSeconds),
    live_grant_cap: viewFact(cadence.liveGrantCap),
    testing_lifetime_seconds: viewFact(cadence.testingLifetimeSeconds),
    person_needed_when: viewFact(cadence.personNeededWhen),
    probe_every_seconds: cadence.probeEverySeconds,
    confirm_after_seconds: viewFact(cadence.confirmAfterSeconds),
  };
}

function viewFact<T>(fact: Fact<T>) {
  const { value, source, checked, confidence, note } = fact;
  const conflicting = (fact.conflicting ?? []).map((other) => ({
    value: other.value,
    source: other.source,
    checked: other.checked,
    confidence: other.confidence,
    note: other.note,
  }));
  return { value, source, checked, confidence, note, conflicting };
}
