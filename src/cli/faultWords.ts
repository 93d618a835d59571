import type { Drawn } from '../simulator/world/drawn.ts';

type Kind = Exclude<keyof Drawn, 'processes' | 'readsPerDay' | 'calls'> | keyof Drawn['calls'];

const CALLS = '% of calls';
const PROCESS = 'times a year in each process';
const DATABASE = 'times a year for the database';
const PLATFORM = 'times a year at each platform';

/** What can go wrong in a simulated world: what its number counts (shares as percentages), and what it is. */
const FAULTS: Readonly<Record<Kind, { readonly unit: string; readonly words: string }>> = {
  refused: { unit: CALLS, words: 'the platform answers 503 and does nothing' },
  lostBefore: { unit: CALLS, words: 'the call never arrives' },
  lostAfter: { unit: CALLS, words: 'the platform acts, and its answer is lost' },
  killed: { unit: CALLS, words: 'the process is killed between the answer and its write' },
  paused: {
    unit: CALLS,
    words: 'the process stands still between the answer and its write, beyond its lease',
  },
  kills: { unit: PROCESS, words: 'it is killed, and started again' },
  pauses: { unit: PROCESS, words: 'it stands still for minutes' },
  clockJumps: { unit: PROCESS, words: 'its clock is off by up to three minutes' },
  storeGone: { unit: DATABASE, words: 'the database is away for up to forty minutes' },
  storeLosesAnswers: { unit: '% of writes', words: 'the database commits, and its answer is lost' },
  platformDown: { unit: PLATFORM, words: 'it is down for minutes to days' },
  secretRotated: { unit: PLATFORM, words: 'it refuses the app for up to three hours' },
  misfortunes: { unit: 'times a year for each grant', words: 'the authorization is lost at the platform' },
  signOuts: { unit: 'times a year in each workspace', words: 'one person loses everything at once' },
  troubles: { unit: PLATFORM, words: 'a person loses a role, or is locked out, for hours to days' },
  deeds: { unit: PLATFORM, words: 'a person consents too often, or an operator goes back to Testing' },
  wrongSecrets: { unit: PLATFORM, words: 'the operator puts in a wrong secret for up to two hours' },
  lies: { unit: PLATFORM, words: 'it denies for minutes what it has issued' },
  heeded: { unit: '% of reminders', words: 'a person acts on it and authorizes anew' },
};

export const FAULT_KINDS = Object.keys(FAULTS) as readonly Kind[];

/** Every kind with what it is, one a line. */
export function faultList(): string {
  const width = Math.max(...FAULT_KINDS.map((kind) => kind.length)) + 2;
  return FAULT_KINDS.map((kind) => `  ${kind.padEnd(width)}${FAULTS[kind].words}`).join('\n');
}

/** What the seed has drawn, by what each number counts. */
export function drawnWords({ processes, readsPerDay, calls, ...others }: Drawn): string {
  const rates: Readonly<Record<Kind, number>> = { ...calls, ...others };
  const byUnit = new Map<string, string[]>();
  for (const kind of FAULT_KINDS.filter((one) => rates[one] > 0)) {
    const { unit } = FAULTS[kind];
    const told = `${kind} ${rounded(unit.startsWith('%') ? rates[kind] * 100 : rates[kind])}`;
    byUnit.set(unit, [...(byUnit.get(unit) ?? []), told]);
  }
  const faults = [...byUnit].map(([unit, told]) => `${unit}: ${told.join(', ')}`);
  const people = `processes: ${processes}; token reads a day of each connection: ${rounded(readsPerDay)}`;
  return [people, ...(faults.length === 0 ? ['no faults'] : faults)].join('; ');
}

/** Two digits that count. */
function rounded(number: number): string {
  return String(Number(number.toPrecision(2)));
}
