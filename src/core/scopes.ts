/** The required scopes that were not granted, in the order in which they are required. */
export function missingScopes(required: readonly string[], granted: readonly string[]): readonly string[] {
  const have = new Set(granted);
  return required.filter((scope) => !have.has(scope));
}

/** What a renewal may leave granted: never more than before (RFC 6749 6). */
export function narrowedScopes(before: readonly string[], answered: readonly string[]): readonly string[] {
  const had = new Set(before);
  return answered.filter((scope) => had.has(scope));
}
