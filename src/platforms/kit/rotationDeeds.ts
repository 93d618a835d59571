import type { Rotation } from './refreshTokens.ts';
import type { SimDeed } from './simDeeds.ts';

const TITLES: Readonly<Record<Rotation, string>> = {
  none: 'Renewals keep the refresh token',
  always: 'Renewals replace the refresh token; the old one dies at once',
  grace: 'Renewals replace the refresh token; the old one lives until the new one is used',
  family: 'Renewals replace the refresh token; the old one shown again ends the authorization',
};

/** Choices where the documents leave open what becomes of a used refresh token; undone, it is again as from the start. */
export function rotationDeeds(tokens: { rotation: Rotation }): readonly SimDeed[] {
  const first = tokens.rotation;
  return (Object.keys(TITLES) as Rotation[]).map((rotation) => ({
    deed: `rotation_${rotation}`,
    title: TITLES[rotation],
    by: 'platform',
    apply: () => {
      tokens.rotation = rotation;
    },
    undo: () => {
      tokens.rotation = first;
    },
  }));
}
