import { CAUSES } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { GrantRecord } from '../store/records.ts';

interface Fault {
  readonly check: string;
  readonly door: string;
}

/** What is known of one app's refusals. Moments are counted: which of two came later is all that matters. */
interface Known {
  /** Of each grant that was refused and did not get through since. */
  readonly faults: Map<string, Fault>;
  /** When a grant last got through at a door. */
  readonly throughAt: Map<string, number>;
  /** When a finding was last met by a grant of which it was not known to be its own. */
  readonly metAt: Map<string, number>;
}

/** Who knocks, and at which door: entered credentials and sign-ins prove nothing for one another, nor renewals for calls. */
export interface Knock {
  readonly appId: string;
  readonly grantId: string;
  readonly kind: AuthMethod['kind'];
  readonly endpoint: Diagnosis['endpoint'];
}

const doorOf = ({ kind, endpoint }: Knock): string => `${kind}:${endpoint === 'token' ? 'token' : 'api'}`;

/**
 * Tells the fault of an app from one that a single grant has: what the platform answers may fit both, but where another
 * grant of the same app gets through at the same door, the app is not refused. Known to this process alone: another, or the
 * next, comes to know by the same evidence.
 */
export class OwnFaults {
  readonly #apps = new Map<string, Known>();
  #moment = 0;

  /** Whether what is read as the app's fault is this grant's own. Otherwise it is remembered as one that may be disproved. */
  isOwn(knock: Knock, check: string): boolean {
    const app = this.#apps.get(knock.appId) ?? { faults: new Map(), throughAt: new Map(), metAt: new Map() };
    this.#apps.set(knock.appId, app);
    const known = app.faults.get(knock.grantId);
    if (known?.check === check && isDisproved(app, known)) return true;
    // One that worked, or was not heard of, meets it too: then it may be the app's after all.
    app.metAt.set(check, this.#next());
    app.faults.set(knock.grantId, { check, door: doorOf(knock) });
    return false;
  }

  /** A grant got through: whoever is refused at this door is refused for a reason of their own. */
  gotThrough(knock: Knock): void {
    const app = this.#apps.get(knock.appId);
    if (app === undefined) return;
    const door = doorOf(knock);
    if (app.faults.get(knock.grantId)?.door === door) app.faults.delete(knock.grantId);
    app.throughAt.set(door, this.#next());
    if (app.faults.size === 0) this.#apps.delete(knock.appId);
  }

  #next(): number {
    this.#moment += 1;
    return this.#moment;
  }
}

/** By moments, not by a mark on each fault: an app may be refused for each of a hundred thousand grants. */
function isDisproved({ throughAt, metAt }: Known, { check, door }: Fault): boolean {
  return (throughAt.get(door) ?? 0) > (metAt.get(check) ?? 0);
}

/** Whether the grant already stands marked for this very finding: then it is its own, whatever this process remembers. */
export function isMarkedFor({ state, evidence }: GrantRecord, check: string): boolean {
  return state === 'degraded' && evidence?.check === check;
}

/**
 * A finding about the app, read as one about this grant alone: as the part of it that the evidence did not rule out, or
 * else as a call that is refused to this grant.
 */
export function asOwn(diagnosis: Diagnosis): Diagnosis {
  const { cause: ofApp, acceptableOthers, endpoint } = diagnosis;
  const cause = acceptableOthers.find((other) => CAUSES[other].reach === 'part_of_grant');
  if (cause === undefined || endpoint === 'token') return { ...diagnosis, reach: 'call' };
  const { who, remedy, meaning: explanation } = CAUSES[cause];
  const others = [ofApp, ...acceptableOthers.filter((other) => other !== cause)];
  const own = { cause, who, remedy, explanation, acceptableOthers: others } as const;
  return { ...diagnosis, ...own, meaning: 'person_needed', reach: 'part_of_grant', permanent: true };
}
