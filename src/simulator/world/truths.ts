import type { Meaning } from '../../core/diagnosis.ts';
import type { Instant } from '../../core/instant.ts';
import { Hindrances } from './hindrances.ts';
import type { Liar } from './liar.ts';

/** What was truly the matter with a simulated platform, and when, as a failure there can mean it. */
export class Truths {
  readonly #spans: Readonly<Record<Meaning, Hindrances>> = {
    transient: new Hindrances(),
    person_needed: new Hindrances(),
    app_fault: new Hindrances(),
    unknown_outcome: new Hindrances(),
  };

  add(meaning: Meaning, simulator: Liar, from: Instant, until: Instant): void {
    this.#spans[meaning].add(simulator, from, until);
  }

  /** All that held at some time between the two. */
  between(simulator: Liar, from: Instant, until: Instant): ReadonlySet<Meaning> {
    const all = Object.entries(this.#spans) as [Meaning, Hindrances][];
    return new Set(
      all.filter(([, spans]) => spans.hinderedMs([simulator], from, until) > 0).map(([meaning]) => meaning),
    );
  }
}
