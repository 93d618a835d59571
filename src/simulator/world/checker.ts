import type { Instant } from '../../core/instant.ts';
import type { AuthMethod } from '../../platforms/kit/profile.ts';
import type { GrantRecord, NewActivity } from '../../store/records.ts';
import type { Hindrances } from './hindrances.ts';
import type { Liar } from './liar.ts';
import type { SeenCall } from './network.ts';
import type { Town } from './town.ts';

/** A write to a grant that the store has taken, whether or not its writer heard of it. */
export interface SeenWrite {
  readonly at: Instant;
  readonly before: GrantRecord | null;
  readonly after: GrantRecord;
  readonly activity: readonly NewActivity[];
}

/** A grant as it stands, with what only a god knows of it. */
export interface SeenGrant {
  readonly grant: GrantRecord;
  readonly town: Town;
  readonly simulator: Liar;
  readonly method: AuthMethod;
  readonly secrets: Readonly<Record<string, string>>;
  /** Whether the platform would still renew or take this credential. */
  readonly lives: boolean;
  /** Whether the platform takes the access token. It may, though the credential is dead. */
  readonly takes: boolean;
}

/** What came of a read of a token, beside what the platform would have said to the token that is stored. */
export interface SeenRead {
  readonly at: Instant;
  readonly seen: SeenGrant;
  readonly handedOut: boolean;
  /** Why not, by the code of the problem. */
  readonly problem: string | null;
}

export interface Sight {
  readonly now: () => Instant;
  readonly hindrances: Hindrances;
  /** What can stand in the way of a grant of this simulator: to be asked of `hindrances`. */
  readonly inTheWayOf: (simulator: Liar) => readonly unknown[];
  /** As `inTheWayOf`, and what hides from a look how a grant is. */
  readonly inTheWayOfLooks: (simulator: Liar) => readonly unknown[];
  readonly report: (text: string, subject: string) => void;
}

/** Watches a whole run for one thing that must never happen, or must always happen in time. */
export interface Checker {
  readonly id: string;
  readonly promise: string;
  readonly onCall?: (call: SeenCall) => void;
  readonly onWrite?: (write: SeenWrite, seen: SeenGrant | null) => void;
  readonly onRead?: (read: SeenRead) => void;
  /** A program said that the platform refused the token of this grant, and the service took note. */
  readonly onRefusal?: (seen: SeenGrant) => void;
  readonly onLine?: (line: string) => void;
  /** Every few hours: all grants there are. */
  readonly onAudit?: (grants: readonly SeenGrant[]) => void;
}

export type CheckerFactory = (sight: Sight) => Checker;
