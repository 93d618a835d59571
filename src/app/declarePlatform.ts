import type { Io } from '../platforms/kit/adapter.ts';
import type { JsonObject } from '../store/records.ts';
import type { Context } from './context.ts';
import { Problem } from './errors.ts';
import { written } from './written.ts';

/** Declares an OAuth 2.0 or OIDC server as a platform of this workspace, or declares it anew. Answers with its profile. */
export async function declarePlatform(ctx: Context, input: unknown) {
  const { house, workspaceId } = ctx;
  const ioFor = (hosts: readonly string[], insecureLoopback: boolean): Io => ({
    send: house.wire.senderFor({ hosts, environment: 'live', declaredInsecureLoopback: insecureLoopback }),
    now: house.now,
    randomBytes: house.randomBytes,
  });
  const reading = await house.registry.declare(input, ioFor);
  if (!reading.ok)
    throw new Problem('invalid_request', `The declaration is not valid. ${reading.problems.join('. ')}.`, {
      errors: byField(reading.problems),
    });
  const { kept, platform } = reading;
  const before = await house.store.getDeclaration(workspaceId, kept.id);
  if (before) await refuseOtherHosts(ctx, kept.id, platform.profile.hosts);
  const now = house.now();
  const record = {
    workspaceId,
    id: kept.id,
    declaration: kept.declaration as JsonObject,
    discovered: kept.discovered as JsonObject | null,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
  const action = before ? 'platform.declared_anew' : 'platform.declared';
  await written(ctx, { action, subjects: [kept.id] }, (store) => store.putDeclaration(record));
  return platform.profile;
}

/** What a server issued goes to no other (RFC 6749 10.4): with apps on it, a platform cannot be led elsewhere. */
async function refuseOtherHosts(ctx: Context, id: string, hosts: readonly string[]): Promise<void> {
  const { house, workspaceId } = ctx;
  const apps = await house.store.listApps(workspaceId, { limit: 1000, after: null });
  if (!apps.some((app) => app.platform === id)) return;
  const known = new Set((await house.registry.find(workspaceId, id))?.profile.hosts);
  const added = hosts.filter((host) => !known.has(host));
  if (added.length === 0) return;
  throw new Problem(
    'conflict',
    `Apps rest on ${id}, and their secrets and tokens would be sent to hosts that it did not have: ${added.join(', ')}. Declare it under another id.`,
  );
}

/** `field: what is wrong` as members, as every other problem has them. */
function byField(problems: readonly string[]): Readonly<Record<string, string>> {
  const errors: Record<string, string> = Object.create(null);
  for (const problem of problems) {
    const end = problem.indexOf(': ');
    const [field, words] = [problem.slice(0, end), problem.slice(end + 2)];
    errors[field] = errors[field] === undefined ? words : `${errors[field]}; ${words}`;
  }
  return errors;
}

/** Takes a declaration back. Throws {@link Problem} `conflict` while apps rest on it; a built-in platform stays. */
export async function deleteDeclaration(ctx: Context, id: string): Promise<void> {
  const { house, workspaceId } = ctx;
  if (!(await house.store.getDeclaration(workspaceId, id)))
    throw new Problem('not_found', `This workspace has declared no platform “${id}”.`);
  await written(ctx, { action: 'platform.deleted', subjects: [id] }, async (store) => {
    if (await store.deleteDeclaration(workspaceId, id)) return;
    throw new Problem('conflict', `Apps rest on ${id}. Delete them first.`);
  });
}
