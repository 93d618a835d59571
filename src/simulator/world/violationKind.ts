interface Told {
  readonly checker: string;
  readonly text: string;
}

/** What broke a promise and how, whoever it befell in which world. Plain data: it goes to a worker. */
export interface Kind {
  readonly checker: string;
  readonly text: string;
  /** Names that belong to what happened, though there are digits in them. */
  readonly platformIds: readonly string[];
}

/** The kind of what was found: without the numbers and moments that differ from world to world. */
export function kindOf({ checker, text }: Told, platformIds: readonly string[]): Kind {
  const known = (word: string): string => platformIds.find((id) => word.includes(id)) ?? '#';
  return { checker, text: text.split('\n')[0]!.replace(/[\w.:-]*\d[\w.:-]*/g, known), platformIds };
}

export function isOfKind(told: Told, kind: Kind): boolean {
  return told.checker === kind.checker && kindOf(told, kind.platformIds).text === kind.text;
}
