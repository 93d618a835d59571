import type { Instant } from '../core/instant.ts';
import type { SimWorld } from '../platforms/kit/simulator.ts';

/** Numbers in [0, 1): the same sequence for the same seed. Fast (sfc32); not for secrets outside a simulation. */
export function seededRandom(seed: string): () => number {
  let [a, b, c] = [hash(seed, 0x9e3779b9), hash(seed, 0x243f6a88), hash(seed, 0xb7e15162)];
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** FNV-1a with a chosen start. */
function hash(text: string, start: number): number {
  let value = start;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  return value;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Time and chance for simulated platforms. */
export function simWorld(now: () => Instant, random: () => number): SimWorld {
  const token = (length: number) => {
    let text = '';
    while (text.length < length) text += LETTERS[Math.floor(random() * LETTERS.length)];
    return text;
  };
  return { now, random, token };
}
