/** One measured figure. `goal` as it is printed: `>= 0.5`; null: measured for comparison only. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly goal: string | null;
}

export type Figures = Readonly<Record<string, Figure>>;

/** Says on stderr what is being done, so that stdout holds the result alone. */
export type Tell = (line: string) => void;

export function figure(value: number, unit: string, goal: string | null = null): Figure {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return { value: Number(value.toFixed(digits)), unit, goal };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) throw new Error('There is no median of nothing.');
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** Whether a figure meets its goal; a figure without one does. */
export function meetsGoal({ value, goal }: Figure): boolean {
  const [, relation, limit] = /^(>=|<=|=) ([\d.]+)$/.exec(goal ?? '') ?? [];
  if (relation === undefined) return true;
  if (relation === '=') return value === Number(limit);
  return relation === '>=' ? value >= Number(limit) : value <= Number(limit);
}

/** Things done in a span of time, a second. */
export function perSecond(count: number, startedAt: number): number {
  return (count * 1000) / (performance.now() - startedAt);
}
