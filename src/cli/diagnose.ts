import { createReadStream } from 'node:fs';
import { command } from './command.ts';
import { EXIT, UsageError } from './exitCodes.ts';
import { linesOf } from './lines.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

/** How long it works in silence, and how often it then says how far it is. */
const PROGRESS_EVERY_MS = 2_000;

export const diagnose = command({
  name: 'diagnose',
  summary: 'say what answers of platforms mean: JSON lines in, JSON lines out',
  about: `Each line in is an answer of a platform: { "platform", "endpoint", "status", "headers", "body" }.
endpoint is token, api (the default), authorize, probe or revoke; headers may be missing; body is text, or the JSON itself.
Each line out is the diagnosis of the line in the same place: cause, permanent, who, acceptable_others, remedy and more.
An answer that is a success comes out with the cause null.
A line that cannot be read, an empty one too, comes out as { "error", "line" }; the others are read, and the exit code is 1.
Needs no service, no key and no network.`,
  args: [{ name: 'FILE', help: 'a file of JSON lines; absent or “-”: stdin', optional: true }],
  inProcess: true,
  examples: [
    'diagnose answers.jsonl',
    `echo '{"platform":"PLATFORM","endpoint":"token","status":400,"body":{"error":"invalid_grant"}}' | evergrant diagnose`,
  ],
  run: async ({ args: [file = '-'], out, terminal }) => {
    const { answerReader } = await import('./diagnoseLine.ts');
    const read = answerReader(terminal.now);
    const progress = progressTo(out, terminal);
    let wrong = 0;
    let number = 0;
    for await (const line of linesOf(inputOf(file, terminal))) {
      number += 1;
      const result = await read(line, number);
      if ('error' in result) wrong += 1;
      if (!terminal.stdout.write(`${JSON.stringify(result)}\n`)) await terminal.stdout.drained();
      progress(number);
    }
    if (wrong > 0)
      out.log(`evergrant: ${wrong} of ${number} lines could not be read; each says why in its place.`);
    return wrong > 0 ? EXIT.failure : EXIT.ok;
  },
});

function inputOf(file: string, terminal: Terminal): AsyncIterable<string> {
  if (file !== '-') return contentsOf(file);
  if (terminal.stdin.isTTY) throw new UsageError('Give a FILE, or pipe JSON lines into it.');
  return terminal.stdin;
}

async function* contentsOf(file: string): AsyncGenerator<string> {
  try {
    yield* createReadStream(file, 'utf8') as AsyncIterable<string>;
  } catch (error) {
    throw new UsageError(`The file cannot be read: ${file} (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function progressTo(out: Output, terminal: Terminal): (lines: number) => void {
  let saidAt = terminal.now();
  return (lines) => {
    if (terminal.now() - saidAt < PROGRESS_EVERY_MS) return;
    saidAt = terminal.now();
    out.note(`${lines} lines …`);
  };
}
