import { CAUSES } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { GrantRecord } from '../store/records.ts';

interface Fault {
  readonly check: string;
  readonly door: string;
  /** Another grant of the app got through at the same door after it. */
  disproved: boolean;
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
  readonly #faults = new Map<string, Map<string, Fault>>();

  /** Whether what is read as the app's fault is this grant's own. Otherwise it is remembered as one that may be disproved. */
  isOwn(knock: Knock, check: string): boolean {
    const faults = this.#faults.get(knock.appId) ?? new Map<string, Fault>();
    this.#faults.set(knock.appId, faults);
    const known = faults.get(knock.grantId);
    if (known?.check === check && known.disproved) return true;
    // One that worked, or was not heard of, meets it too: then it may be the app's after all.
    for (const fault of faults.values()) if (fault.check === check) fault.disproved = false;
    faults.set(knock.grantId, { check, door: doorOf(knock), disproved: false });
    return false;
  }

  /** A grant got through: whoever is refused at this door is refused for a reason of their own. */
  gotThrough(knock: Knock): void {
    const faults = this.#faults.get(knock.appId);
    if (faults === undefined) return;
    const door = doorOf(knock);
    if (faults.get(knock.grantId)?.door === door) faults.delete(knock.grantId);
    for (const fault of faults.values()) if (fault.door === door) fault.disproved = true;
    if (faults.size === 0) this.#faults.delete(knock.appId);
  }
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
