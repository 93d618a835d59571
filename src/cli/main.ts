import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './run.ts';
import type { Stream } from './terminal.ts';

function streamOf(stream: NodeJS.WriteStream): Stream {
  // Whoever reads may stop reading, as `head` does: that is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  return {
    isTTY: stream.isTTY,
    write: (text) => stream.write(text),
    drained: () => new Promise((resolve) => stream.once('drain', resolve)),
  };
}

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  // Not touched by commands that do not read.
  get stdin() {
    return process.stdin.setEncoding('utf8') as AsyncIterable<string> & { isTTY?: boolean };
  },
  stdout: streamOf(process.stdout),
  stderr: streamOf(process.stderr),
  now: Date.now,
  sleep: (milliseconds) => sleep(milliseconds),
});
