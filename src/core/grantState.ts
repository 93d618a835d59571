/** What a grant is like. */
export const GRANT_STATES = ['active', 'degraded', 'failing', 'suspect', 'expired', 'revoked'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

interface StateWords {
  /** As a label: on pages and in tables. */
  readonly words: string;
  /** As a sentence: in documents. */
  readonly meaning: string;
}

/** The states as people read them: API, pages, command line and documents use these words and no others. */
export const STATE_WORDS: Readonly<Record<GrantState, StateWords>> = {
  active: { words: 'works', meaning: 'It works.' },
  degraded: {
    words: 'works in part',
    meaning: 'It works, but something is missing: a permission, or an ad account.',
  },
  failing: {
    words: 'renewal is failing',
    meaning:
      'Its renewal fails for a reason that is not its death, and is tried again. Once the access token has ended meanwhile, nothing works.',
  },
  suspect: {
    words: 'in doubt',
    meaning: 'It may be lost: the platform said so once, and is asked again before that is believed.',
  },
  expired: { words: 'broken', meaning: 'It is lost: a person has to authorize it again.' },
  revoked: { words: 'disconnected', meaning: 'It was disconnected on purpose.' },
};

/**
 * What can happen to a grant.
 * - `proven`: the platform proved that it works, and nothing is missing.
 * - `limited`: the platform proved that it works, but a part is missing.
 * - `passing_failure`: an attempt failed for a reason that passes.
 * - `death_reported`: one answer says that it is dead.
 * - `death_confirmed`: a probe or a second try said so too, or its end by time has passed.
 * - `authorized`: a person authorized it (again).
 * - `authorized_in_part`: a person authorized it (again), but a part is missing.
 * - `disconnected`: it was disconnected on purpose.
 */
export const GRANT_EVENTS = [
  'proven',
  'limited',
  'passing_failure',
  'death_reported',
  'death_confirmed',
  'authorized',
  'authorized_in_part',
  'disconnected',
] as const;
export type GrantEvent = (typeof GRANT_EVENTS)[number];

/** What a person or the operator does counts in every state. */
const BY_WILL = {
  authorized: 'active',
  authorized_in_part: 'degraded',
  disconnected: 'revoked',
} as const;

/** What settles whether a grant works, in every state that is not of somebody's will. */
const SETTLED = {
  ...BY_WILL,
  proven: 'active',
  limited: 'degraded',
  death_confirmed: 'expired',
} as const;

/** While nothing speaks against its life, a failure that passes and a first word of its death are told apart. */
const ALIVE = { ...SETTLED, passing_failure: 'failing', death_reported: 'suspect' } as const;

/** The state after each event; an event that is absent cannot happen in that state. */
export const GRANT_TRANSITIONS = {
  active: ALIVE,
  degraded: ALIVE,
  failing: ALIVE,
  suspect: { ...SETTLED, passing_failure: 'suspect', death_reported: 'suspect' },
  expired: { ...SETTLED, passing_failure: 'expired', death_reported: 'expired' },
  revoked: BY_WILL,
} as const satisfies Record<GrantState, Partial<Record<GrantEvent, GrantState>>>;

/**
 * The one door for changes of state. Undefined: this cannot happen in that state, and nothing changes
 * (a late answer for a grant that was disconnected meanwhile).
 */
export function nextState(state: GrantState, event: GrantEvent): GrantState | undefined {
  return (GRANT_TRANSITIONS[state] as Partial<Record<GrantEvent, GrantState>>)[event];
}

/** Whether the grant is renewed and probed by itself in this state. */
export const IS_KEPT: Readonly<Record<GrantState, boolean>> = {
  active: true,
  degraded: true,
  failing: true,
  suspect: true,
  expired: false,
  revoked: false,
};
