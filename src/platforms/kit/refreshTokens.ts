/** What becomes of a refresh token when it is used. Platforms that rotate rarely say which; so it can be chosen. */
export type Rotation =
  /** It stays; each renewal answers with the same one. */
  | 'none'
  /** It is replaced, and the old one dies at once. */
  | 'always'
  /** It is replaced, and the old one lives on until the new one is first used: a lost answer can be asked for again. */
  | 'grace'
  /** It is replaced; whoever shows the old one again ends the whole authorization (RFC 9700 4.14.2). */
  | 'family';

/** The refresh tokens of a simulated platform, and to what each belongs. */
export class RefreshTokens<Owner extends object> {
  rotation: Rotation;
  readonly #owners = new Map<string, Owner>();
  readonly #current = new Map<Owner, string>();
  /** The one before the current, while the current one is still unused. */
  readonly #before = new Map<Owner, string>();

  constructor(rotation: Rotation) {
    this.rotation = rotation;
  }

  ownerOf(token: string): Owner | undefined {
    return this.#owners.get(token);
  }

  /** Whether the token may be used now. `reused`: it was replaced, and this rotation ends what it belongs to. */
  check(token: string): 'good' | 'dead' | 'reused' {
    const owner = this.#owners.get(token);
    if (!owner) return 'dead';
    if (this.#current.get(owner) === token) return 'good';
    if (this.rotation === 'family') return 'reused';
    return this.rotation === 'grace' && this.#before.get(owner) === token ? 'good' : 'dead';
  }

  /** The token that stands in the answer: the first one, or what follows on `used`. */
  next(owner: Owner, used: string | null, make: () => string): string {
    if (used !== null && this.rotation === 'none') return used;
    const token = make();
    if (used !== null) this.#before.set(owner, used);
    this.#owners.set(token, owner);
    this.#current.set(owner, token);
    return token;
  }
}
