import type { SimPerson } from '../../kit/simulator.ts';

/** Google accounts; `id` is the `sub` of their id tokens. */
export const PEOPLE: readonly SimPerson[] = [
  { id: '104500000000000000001', name: 'Ida Sommer', email: 'ida@example.org' },
  { id: '104500000000000000002', name: 'Noah Winter', email: 'noah@example.org' },
  { id: '104500000000000000003', name: 'Mira Herbst', email: 'mira@example.com' },
  { id: '104500000000000000004', name: 'Tom Lenz', email: 'tom@example.net' },
];

/** While an app is in Testing, only its test users get in. */
export const TEST_USERS: readonly string[] = PEOPLE.slice(0, 3).map((person) => person.id);

export interface ServiceAccount {
  readonly email: string;
  readonly uniqueId: string;
  readonly projectId: string;
}

export const SERVICE_ACCOUNTS: readonly ServiceAccount[] = ['reports', 'sync', 'audit'].map(
  (name, index) => ({
    email: `${name}@summer-sandbox.iam.gserviceaccount.com`,
    uniqueId: `11770000000000000000${index + 1}`,
    projectId: 'summer-sandbox',
  }),
);

/** Those with the role “RISC Configuration Admin”; the last has it not. */
export const STREAM_ADMINS: readonly string[] = SERVICE_ACCOUNTS.slice(0, 2).map(({ email }) => email);

/** People first: only they can sign in. */
export const EVERYBODY: readonly SimPerson[] = [
  ...PEOPLE,
  ...SERVICE_ACCOUNTS.map(({ email }) => ({
    id: email,
    name: `Service account ${email.split('@')[0]}`,
    email,
  })),
];

/** The place of a person or service account among their kind: what they may see depends on it. */
export function placeOf(identity: string): number {
  const person = PEOPLE.findIndex((candidate) => candidate.id === identity);
  return person >= 0 ? person : SERVICE_ACCOUNTS.findIndex((candidate) => candidate.email === identity);
}

export const personBy = (idOrEmail: string | null | undefined): SimPerson | undefined =>
  PEOPLE.find((person) => person.id === idOrEmail || person.email === idOrEmail);
