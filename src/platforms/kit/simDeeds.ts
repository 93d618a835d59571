import type { BreakTarget } from './simulator.ts';

/** Something that people do at a simulated platform and that breaks no grant by itself. */
export interface SimDeed {
  /** snake_case name. */
  readonly deed: string;
  readonly title: string;
  readonly by: 'person' | 'operator' | 'platform';
  readonly apply: (target: BreakTarget) => void;
  readonly undo?: (target: BreakTarget) => void;
}

/** A message that a platform pushes to the app’s operator. Sent only to a receiver that was set, or registered at the platform. */
export interface SimSignal {
  /** snake_case name. */
  readonly signal: string;
  readonly title: string;
  /** Where the shape and the signature are documented. */
  readonly source: string;
  /** The switches after which the platform sends it by itself. */
  readonly after: readonly string[];
  /** One for each person and app that it concerns. Draws no dice: sending changes nothing at the platform. */
  readonly messages: (target: BreakTarget) => readonly SimMessage[];
}

/** The body of a POST. */
export interface SimMessage {
  readonly contentType: string;
  readonly body: string;
}
