import { MINUTE_MS } from '../core/instant.ts';
import type { House } from './context.ts';
import { PROBLEMS, Problem, type ProblemCode } from './errors.ts';
import { sha256Hex } from './hash.ts';

/** How long the page that says why it did not work can be opened. */
const PAGE_LIFETIME_MS = 60 * MINUTE_MS;
const SEALING = { owner: 'callback', field: 'problem', version: 0 };
/** What of a problem's further members the page shows. */
const SHOWN = ['cause', 'platform_code', 'platform_message', 'platform_error'] as const;

interface Claim {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly shown: Readonly<Record<string, unknown>>;
  readonly expiresAt: number;
}

/**
 * A problem of a sign-in as a text that may stand in an address: sealed by the workspace that the sign-in was begun for,
 * so that nobody can make our pages say their words. Null: the state belongs to no sign-in, or it cannot be looked up.
 */
export async function sealProblem(
  house: House,
  state: string | null,
  problem: Problem,
): Promise<string | null> {
  try {
    const attempt = state ? await house.store.getAttempt(sha256Hex(state)) : null;
    if (!attempt) return null;
    const shown = Object.fromEntries(SHOWN.map((name) => [name, problem.extensions[name]]));
    const expiresAt = house.now() + PAGE_LIFETIME_MS;
    const claim: Claim = { code: problem.code, detail: problem.message, shown, expiresAt };
    const vault = await house.vault.forWorkspace(attempt.workspaceId);
    return `${attempt.workspaceId}~${vault.seal(SEALING, JSON.stringify(claim))}`;
  } catch (error) {
    // The person is told less; what failed stays on record.
    house.log.warn({ err: error }, 'A sign-in’s problem could not be sealed for its page');
    return null;
  }
}

/** The problem that {@link sealProblem} sealed; else what its code alone says, for codes that exist. */
export async function readProblem(house: House, sealed: string, code: string): Promise<Problem> {
  const claim = await openClaim(house, sealed);
  if (claim && claim.expiresAt > house.now()) return new Problem(claim.code, claim.detail, claim.shown);
  const known = Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : 'link_expired';
  return new Problem(known, 'Open the link that you were given again and start from there.');
}

async function openClaim(house: House, sealed: string): Promise<Claim | undefined> {
  const split = sealed.indexOf('~');
  const workspaceId = sealed.slice(0, Math.max(split, 0));
  if (!(await house.store.listWorkspaces()).some(({ id }) => id === workspaceId)) return undefined;
  const vault = await house.vault.forWorkspace(workspaceId);
  try {
    return JSON.parse(vault.open(SEALING, sealed.slice(split + 1))) as Claim;
  } catch {
    return undefined;
  }
}
