import { COMMANDS } from '../src/cli/commands.ts';
import { commandHelp, exitCodeRows } from '../src/cli/help.ts';

/** `docs/cli.md`: what the commands say about themselves. */
export function cliPage(): string {
  const contents = COMMANDS.map(
    ({ name, summary }) => `| [\`${name}\`](#${name.replaceAll(' ', '-')}) | ${summary} |`,
  );
  const sections = COMMANDS.map(
    (command) => `## ${command.name}\n\n\`\`\`text\n${commandHelp(command)}\n\`\`\``,
  );
  return `<!-- Generated from src/cli by npm run gen. Do not edit. -->
# The command line

From a checkout: \`npm run -s evergrant -- COMMAND\`. Installed: \`evergrant COMMAND\`.

| command | what it does |
| --- | --- |
${contents.join('\n')}

**Results** go to stdout, everything else to stderr. With \`--json\` a result is one JSON document on one line, lists as \`{ "data": […] }\`;
\`connect --wait\` and \`diagnose\` write a line for each thing. A failure is then one line \`{ "error": { "code", "detail", … } }\` on stderr.

**Settings** are \`--url\` or \`EVERGRANT_URL\` (default \`http://127.0.0.1:7070\`), and \`--api-key-file FILE\` or \`EVERGRANT_API_KEY\`. A key is never
given as an argument, because every user of the machine can read those. A sandbox on the same machine that is run from the same
folder needs no key: it is found in \`data/sandbox-api-key\`. Colours are left out where \`NO_COLOR\` is set, or stdout is no terminal.

**Exit codes**, for scripts:

| code | |
| --- | --- |
${exitCodeRows()
  .map(([code, words]) => `| ${code} | ${words} |`)
  .join('\n')}

\`\`\`sh
token=$(evergrant token con_01kabc)
case $? in
  0) printf 'Authorization: Bearer %s' "$token" | curl -H @- … ;;
  3) evergrant connections show con_01kabc | mail -s 'Please reconnect' admin@example.com ;;
  6) sleep 60 ;; # and try again
esac
\`\`\`

${sections.join('\n\n')}
`;
}
