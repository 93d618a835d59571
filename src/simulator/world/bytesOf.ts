/** Bytes from dice: only for worlds in which nothing is worth guarding. */
export function bytesOf(random: () => number): (count: number) => Uint8Array {
  return (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}
