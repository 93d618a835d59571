import type { PlatformAnswer } from '../core/answer.ts';
import { type Diagnosis, diagnose } from '../core/diagnosis.ts';
import type { GrantFacts } from '../core/grantFacts.ts';
import type { AppConfig, Held, Identity, Io, MethodAdapter, Secrets } from '../platforms/kit/adapter.ts';
import type { Platform } from '../platforms/kit/platform.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { AppRecord, Environment, GrantRecord } from '../store/records.ts';
import type { WorkspaceVault } from '../vault/vault.ts';
import type { House } from './context.ts';
import { Problem } from './errors.ts';
import { redactWords } from './redact.ts';

/** A platform's method, ready to be talked to on behalf of an app. */
export interface OpenApp {
  readonly record: AppRecord;
  readonly platform: Platform;
  readonly method: AuthMethod;
  readonly adapter: MethodAdapter;
  readonly config: AppConfig;
  readonly io: Io;
}

/** A grant with its secrets opened. Lives for one attempt and is never stored or logged; a read keeps its access token alone (`openToken.ts`). */
export interface OpenGrant extends OpenApp {
  readonly held: Held;
}

const openedApps = new WeakMap<AppRecord, Map<string, Promise<OpenApp>>>();

/** As {@link openApp}, remembered as long as the same record is at hand. */
export function openAppOnce(house: House, record: AppRecord, methodId: string): Promise<OpenApp> {
  const methods = openedApps.get(record) ?? new Map<string, Promise<OpenApp>>();
  openedApps.set(record, methods);
  const opened = methods.get(methodId) ?? openApp(house, record, methodId);
  methods.set(methodId, opened);
  return opened;
}

/** Opens an app for one of its platform's auth methods. */
export async function openApp(house: House, record: AppRecord, methodId: string): Promise<OpenApp> {
  const platform = await house.registry.find(record.workspaceId, record.platform);
  if (!platform)
    throw new Problem(
      'unknown_platform',
      `The platform ${record.platform} of app ${record.id} is not known here.`,
    );
  const method = platform.profile.methods.find((candidate) => candidate.id === methodId);
  const adapter = platform.adapter.methods[methodId];
  if (!method || !adapter) {
    const known = platform.profile.methods.map((candidate) => candidate.id).join(', ');
    throw new Problem(
      'unknown_method',
      `${platform.profile.name} has no auth method ${methodId}. It has: ${known}.`,
    );
  }
  return {
    record,
    platform,
    method,
    adapter,
    config: await openConfig(house, record),
    io: ioFor(house, platform, record.environment),
  };
}

async function openConfig(house: House, record: AppRecord): Promise<AppConfig> {
  const vault = await house.vault.forWorkspace(record.workspaceId);
  const context = { owner: record.id, field: 'client_secret', version: record.secretVersion };
  return {
    id: record.id,
    platform: record.platform,
    environment: record.environment,
    clientId: record.clientId,
    clientSecret: record.clientSecret === null ? '' : vault.open(context, record.clientSecret),
    settings: record.settings,
  };
}

function ioFor(house: House, platform: Platform, environment: Environment): Io {
  const { hosts, insecureLoopback } = platform.profile;
  const send = house.wire.senderFor({
    hosts,
    environment,
    declaredInsecureLoopback: insecureLoopback ?? false,
  });
  return { send, now: house.now, randomBytes: house.randomBytes };
}

/** A grant with its secrets, each opened when it is first asked for: a renewal needs one, a read another. */
export async function openGrant(house: House, app: OpenApp, grant: GrantRecord): Promise<OpenGrant> {
  const vault = await house.vault.forWorkspace(grant.workspaceId);
  const secrets: Record<string, string> = {};
  for (const field of Object.keys(grant.secrets))
    defineOnDemand(secrets, field, () => openSecret(vault, grant, field));
  return { ...app, held: { secrets, facts: grant.facts, identity: grant.identity as Identity | null } };
}

/** One secret of a grant, in the clear. Throws `UnsealError` where it was altered or moved. */
export function openSecret(vault: WorkspaceVault, grant: GrantRecord, field: string): string {
  const sealed = grant.secrets[field]!;
  return vault.open({ owner: grant.id, field, version: versionOf(sealed, grant) }, unversioned(sealed));
}

/** A member whose value is made when it is first read, and then stays. */
function defineOnDemand(target: Record<string, string>, name: string, make: () => string): void {
  const get = (): string => {
    const value = make();
    Object.defineProperty(target, name, { value, enumerable: true });
    return value;
  };
  Object.defineProperty(target, name, { get, enumerable: true, configurable: true });
}

/** Seals secrets for a version of a grant; each value remembers the version it is bound to. */
export async function sealSecrets(
  house: House,
  grant: { workspaceId: string; id: string },
  secrets: Secrets,
  version: number,
) {
  const vault = await house.vault.forWorkspace(grant.workspaceId);
  const sealed: Record<string, string> = {};
  for (const [field, value] of Object.entries(secrets)) {
    sealed[field] = `${version}:${vault.seal({ owner: grant.id, field, version }, value)}`;
  }
  return sealed;
}

/** What of the issued secrets is new: many platforms send back the refresh token that is held, which stays as it is sealed. */
export function changedSecrets(issued: Secrets, held: Secrets): Secrets {
  const isNew = ([field, value]: [string, string]) => field === 'access_token' || held[field] !== value;
  return Object.fromEntries(Object.entries(issued).filter(isNew));
}

const versionOf = (sealed: string, grant: GrantRecord): number => {
  const version = Number(sealed.slice(0, sealed.indexOf(':')));
  return Number.isInteger(version) ? version : grant.credentialVersion;
};
const unversioned = (sealed: string): string => sealed.slice(sealed.indexOf(':') + 1);

/** What a diagnosis may know beside the answer: the facts, and the secrets to keep out of its words. */
interface KnownHeld {
  readonly secrets: Secrets;
  readonly facts?: GrantFacts;
}

/** Reads a failing answer by the platform's own chain; its words lose whatever secret they echo. */
export function diagnoseFor(open: OpenApp, held: KnownHeld | null, answer: PlatformAnswer): Diagnosis {
  const diagnosis = diagnose(open.platform.adapter.checks, answer, held?.facts, open.io.now());
  const secrets = [open.config.clientSecret, ...Object.values(held?.secrets ?? {})];
  return { ...diagnosis, words: redactWords(diagnosis.words, secrets) };
}
