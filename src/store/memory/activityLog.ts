import { BEGINNING, chained, firstBreak } from '../activity.ts';
import type { ActivityRecord, NewActivity } from '../records.ts';
import type { Undo } from './table.ts';

interface Chain {
  readonly rows: ActivityRecord[];
  /** What the first row that is kept follows from. */
  base: { readonly seq: number; readonly hash: string };
}

/** The append-only log of each workspace. Beyond `most` rows the oldest are dropped, a tenth at a time. */
export class ActivityLog {
  readonly #chains = new Map<string, Chain>();
  readonly #undo: Undo;
  readonly #most: number;

  constructor(undo: Undo, most: number) {
    this.#undo = undo;
    this.#most = most;
  }

  append(added: readonly NewActivity[]): void {
    for (const [workspaceId, rows] of Map.groupBy(added, (row) => row.workspaceId)) {
      const chain = this.#chainOf(workspaceId);
      const length = chain.rows.length;
      chain.rows.push(...chained(chain.rows.at(-1) ?? chain.base, rows));
      this.#undo.record(() => chain.rows.splice(length));
      if (chain.rows.length > this.#most * 1.1) this.#shorten(chain);
    }
  }

  list(workspaceId: string): readonly ActivityRecord[] {
    return this.#chains.get(workspaceId)?.rows ?? [];
  }

  verify(workspaceId: string): { readonly seq: number } | null {
    const chain = this.#chains.get(workspaceId);
    return chain === undefined ? null : firstBreak(chain.base, chain.rows);
  }

  #shorten(chain: Chain): void {
    const dropped = chain.rows.splice(0, chain.rows.length - this.#most);
    const before = chain.base;
    chain.base = dropped.at(-1) ?? before;
    this.#undo.record(() => {
      chain.rows.unshift(...dropped);
      chain.base = before;
    });
  }

  #chainOf(workspaceId: string): Chain {
    const known = this.#chains.get(workspaceId);
    if (known !== undefined) return known;
    const fresh: Chain = { rows: [], base: { seq: 0, hash: BEGINNING } };
    this.#chains.set(workspaceId, fresh);
    return fresh;
  }
}
