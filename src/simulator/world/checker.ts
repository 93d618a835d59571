import type { Instant } from '../../core/instant.ts';
import type { AuthMethod } from '../../platforms/kit/profile.ts';
import type { GrantRecord, NewActivity } from '../../store/records.ts';
import type { ConnectionView } from '../../store/store.ts';
import type { Hindrances } from './hindrances.ts';
import type { Liar } from './liar.ts';
import type { SeenCall } from './network.ts';
import type { Town } from './town.ts';
import type { Truths } from './truths.ts';

/** A write to a grant that the store has taken, whether or not its writer heard of it. */
export interface SeenWrite {
  readonly at: Instant;
  readonly before: GrantRecord | null;
  readonly after: GrantRecord;
  readonly simulator: Liar;
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

/** An answer of the service's HTTP servers. */
export interface SeenAnswer {
  /** Without what follows `?`. */
  readonly path: string;
  readonly text: string;
}

export interface Sight {
  readonly now: () => Instant;
  /** What kept work from being done, and for some time after it. */
  readonly hindrances: Hindrances;
  /** The same, each as long as it truly lasted. */
  readonly outages: Hindrances;
  readonly truths: Truths;
  /** What can stand in the way of a grant of this simulator: to be asked of `hindrances`. */
  readonly inTheWayOf: (simulator: Liar) => readonly unknown[];
  /** As `inTheWayOf`, and what hides from a look how a grant is. */
  readonly inTheWayOfLooks: (simulator: Liar) => readonly unknown[];
  readonly report: (text: string, subject: string) => void;
  /** There was something to judge: a promise of which nothing was ever asked is not kept, but untried. */
  readonly judged: () => void;
}

/** Watches a whole run for one thing that must never happen, or must always happen in time. */
export interface Checker {
  readonly id: string;
  readonly promise: string;
  readonly onCall?: (call: SeenCall) => void;
  readonly onWrite?: (write: SeenWrite) => void;
  /** Something was concluded from a failure: the write, and the grant as it was before. Comes after `onWrite`. */
  readonly onVerdict?: (write: SeenWrite, seen: SeenGrant) => void;
  readonly onRead?: (read: SeenRead) => void;
  /** A program said that the platform refused the token of this grant, and the service took note. */
  readonly onRefusal?: (seen: SeenGrant) => void;
  /** What somebody who asked over HTTP got to hear. */
  readonly onAnswer?: (answer: SeenAnswer) => void;
  readonly onLine?: (line: string) => void;
  /** Every few hours: all grants and connections there are. */
  readonly onAudit?: (grants: readonly SeenGrant[], connections: readonly ConnectionView[]) => void;
}

export type CheckerFactory = (sight: Sight) => Checker;
