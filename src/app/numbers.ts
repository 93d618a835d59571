/** The value if it is a finite number, else the fallback: for fields that older rows may lack. */
export function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}
