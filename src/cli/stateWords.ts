import type { State } from '../../sdk/src/index.ts';
import { GRANT_STATES, STATE_WORDS } from '../core/grantState.ts';
import { UsageError } from './exitCodes.ts';
import type { Style } from './output.ts';

/** The colours of the states. */
export const STATE_STYLE: Readonly<Record<State, Style>> = {
  active: 'green',
  degraded: 'yellow',
  failing: 'yellow',
  suspect: 'yellow',
  expired: 'red',
  revoked: 'dim',
};

/** All states as lists show them, written as a shell takes them. */
export const STATES_SHOWN = GRANT_STATES.map((state) => STATE_WORDS[state].words)
  .map((words) => (words.includes(' ') ? `"${words}"` : words))
  .join(', ');

/** The state that an option names: by the words of lists, or by the name that the API and its JSON have. Throws {@link UsageError}. */
export function knownState(text: string): State {
  const asked = spelling(text);
  const found = GRANT_STATES.find((state) => [state, spelling(STATE_WORDS[state].words)].includes(asked));
  if (found !== undefined) return found;
  throw new UsageError(`There is no state “${text}”. There is: ${STATES_SHOWN}.`);
}

/** Whether words are joined by spaces, dashes or underscores makes no difference, nor do capitals. */
function spelling(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');
}
