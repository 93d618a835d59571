import { ALL_CAUSES, CAUSES } from '../src/core/cause.ts';
import { GRANT_STATES, GRANT_TRANSITIONS, STATE_WORDS } from '../src/core/grantState.ts';

/** `docs/causes.md`: the vocabulary of causes, and the states of a grant. */
export function causesPage(): string {
  const causes = ALL_CAUSES.map((cause) => {
    const { permanent, who, reach, reconnect, meaning, remedy } = CAUSES[cause];
    return `| \`${cause}\` | ${permanent ? 'permanent' : 'passing'} | ${who} | ${reach} | ${reconnect ? 'mends' : ''} | ${meaning} | ${remedy} |`;
  });
  const moves = GRANT_STATES.flatMap((state) => {
    const grouped = new Map<string, string[]>();
    for (const [event, next] of Object.entries(GRANT_TRANSITIONS[state]))
      grouped.set(next, [...(grouped.get(next) ?? []), event]);
    return [...grouped].map(([next, events]) => `  ${state} --> ${next}: ${events.join(', ')}`);
  });
  return `<!-- Generated from src/core by npm run gen. Do not edit. -->
# Causes and states

Every failure is named by one of these causes: in the API, the database, the pages and the command line.
*Permanent*: no retry and no renewal heals it until somebody acts. *Reach*: what it takes down. *Reconnect*: where a new authorization
mends it, \`reconnect_url\` leads to one; who acts in the case at hand, and a platform's own check, can say otherwise. Of what is \`expired\` it
always does, of what is \`suspect\` never yet.

| cause | | who acts | reach | reconnect | what it means | what to do |
| --- | --- | --- | --- | --- | --- | --- |
${causes.join('\n')}

## The states of a grant

| state | in words | what it means |
| --- | --- | --- |
${GRANT_STATES.map((state) => `| \`${state}\` | ${STATE_WORDS[state].words} | ${STATE_WORDS[state].meaning} |`).join('\n')}

\`\`\`mermaid
stateDiagram-v2
  [*] --> active: authorized
  [*] --> degraded: authorized_in_part
${moves.join('\n')}
\`\`\`
`;
}
