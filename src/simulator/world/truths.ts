import type { Meaning } from '../../core/diagnosis.ts';
import type { Instant } from '../../core/instant.ts';
import type { SimPerson } from '../../platforms/kit/simulator.ts';
import type { SeenGrant } from './checker.ts';
import { Hindrances } from './hindrances.ts';
import type { Liar } from './liar.ts';

/** What was truly the matter with a simulated platform, or with one person there, and when, as a failure can mean it. */
export class Truths {
  readonly #spans: Readonly<Record<Meaning, Hindrances>> = {
    transient: new Hindrances(),
    person_needed: new Hindrances(),
    app_fault: new Hindrances(),
    unknown_outcome: new Hindrances(),
  };

  /** @param person Whom alone it concerns; absent: everybody there. */
  add(meaning: Meaning, simulator: Liar, from: Instant, until: Instant, person?: SimPerson): void {
    this.#spans[meaning].add(person ? simulator.markOf(person) : simulator, from, until);
  }

  /** All that held for a grant at some time between the two. */
  between({ simulator, grant }: SeenGrant, from: Instant, until: Instant): ReadonlySet<Meaning> {
    const person = personOf(simulator, grant.identity?.id);
    const concerned = person ? [simulator, simulator.markOf(person)] : [simulator];
    const all = Object.entries(this.#spans) as [Meaning, Hindrances][];
    return new Set(
      all.filter(([, spans]) => spans.hinderedMs(concerned, from, until) > 0).map(([meaning]) => meaning),
    );
  }
}

/** Whose a grant is, by the id under which it is known. */
export function personOf(simulator: Liar, identity: string | undefined): SimPerson | undefined {
  return simulator.people.find(({ id, knownAs }) => id === identity || knownAs?.includes(identity ?? ''));
}
