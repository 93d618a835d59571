import type { House } from '../app/context.ts';
import { giveBack } from '../app/lapse.ts';
import type { Instant } from '../core/instant.ts';
import type { ClaimedGrant } from '../store/store.ts';

interface Load {
  readonly claimed: readonly ClaimedGrant[];
  readonly dueAt: Instant | null;
}

/**
 * Gives claims back that were not used. What the database does not take back is offered again at the next round: left to
 * run out, a lease would hold its grant for minutes and look as if a renewal had been sent.
 */
export class Returns {
  readonly #house: House;
  #owed: Load[] = [];

  constructor(house: House) {
    this.#house = house;
  }

  async giveBack(claimed: readonly ClaimedGrant[], dueAt: Instant | null): Promise<void> {
    if (claimed.length === 0) return;
    try {
      await giveBack(this.#house, claimed, dueAt);
    } catch (error) {
      this.#owed.push({ claimed, dueAt });
      this.#house.log.warn({ count: claimed.length, err: error }, 'Claims could not be given back yet');
    }
  }

  async again(): Promise<void> {
    const owed = this.#owed;
    this.#owed = [];
    for (const { claimed, dueAt } of owed) await this.giveBack(claimed, dueAt);
  }
}
