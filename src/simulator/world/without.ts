import { type Drawn, draw } from './drawn.ts';

/** What is drawn and is no fault. */
const NO_FAULTS: ReadonlySet<string> = new Set(['processes', 'readsPerDay']);

type Rates = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/** The names of all faults that are drawn for a world, as `--without` takes them. */
export const FAULT_KINDS: readonly string[] = kindsIn(draw(() => 0.5, 'some'));

/** What was drawn, without these kinds of faults. */
export function without(drawn: Drawn, kinds: readonly string[]): Drawn {
  const left = (rates: Rates): Rates =>
    Object.fromEntries(
      Object.entries(rates).map(([name, rate]) => [
        name,
        typeof rate === 'object' ? (left(rate) as Record<string, number>) : kinds.includes(name) ? 0 : rate,
      ]),
    );
  return left(drawn as unknown as Rates) as unknown as Drawn;
}

function kindsIn(drawn: Drawn): string[] {
  return Object.entries(drawn as unknown as Rates).flatMap(([name, rate]) =>
    typeof rate === 'object' ? Object.keys(rate) : NO_FAULTS.has(name) ? [] : [name],
  );
}
