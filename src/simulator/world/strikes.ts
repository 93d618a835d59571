/** Faults by what they do to somebody: counted where they had an effect, not where they were drawn. */
export const STRIKES = [
  'killed',
  'killed_before_write',
  'paused_beyond_lease',
  'write_fenced',
  'clock_jumped',
  'clocks_minutes_apart',
  'store_gone',
  'store_answer_lost',
  'call_refused',
  'lost_before_acting',
  'lost_after_acting',
  'platform_down',
  'platform_down_for_days',
  'lie_told',
  'wrong_secret_met',
  'signed_out_everywhere',
  'cap_overflowed',
] as const;
export type StrikeKind = (typeof STRIKES)[number];

/** How often each kind of fault has struck in a world. */
export class Strikes {
  readonly #counts = new Map<StrikeKind, number>();

  strike(kind: StrikeKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** A fault that lasts strikes once, with whoever meets it first. Returns what those say who meet it. */
  lasting(kinds: readonly StrikeKind[]): () => void {
    let met = false;
    return () => {
      if (!met) for (const kind of kinds) this.strike(kind);
      met = true;
    };
  }

  /** Each kind that struck, in the order of {@link STRIKES}. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      STRIKES.flatMap((kind) => (this.#counts.has(kind) ? [[kind, this.#counts.get(kind)!]] : [])),
    );
  }
}
