import { command } from './command.ts';
import { UsageError } from './exitCodes.ts';
import { wholeNumber } from './parse.ts';

export const sandbox = command({
  name: 'sandbox',
  summary: 'serve the simulated platforms alone, for anybody’s integration tests',
  about: `https://HOST/PATH of a platform is http://127.0.0.1:PORT/HOST/PATH here. The page at / lists the platforms with their people,
apps, consent pages, switches and documented answers, and moves the clock; /_control does the same as JSON.
Everything is invented, held in memory, and gone when it stops. Now and then an answer is slow, fails or is lost, as in life.
docs/simulation-differences.md says what is not simulated.`,
  options: {
    port: { value: 'PORT', help: 'where to listen on this machine (default 7071; 0: any free port)' },
    seed: { value: 'TEXT', help: 'the same seed gives the same tokens and mishaps (default: a new one)' },
    misbehave: { value: 'RATE', help: 'share of calls that go wrong, from 0 to 1 (default 0.02)' },
  },
  inProcess: true,
  examples: ['sandbox', 'sandbox --port 7071 --seed 42 --misbehave 0'],
  run: async ({ values, out, terminal }) => {
    const port = wholeNumber('port', values.port, [0, 65_535]);
    const rate = rateOf(values.misbehave);
    const { startStandalone } = await import('../simulator/standalone.ts');
    const seed = values.seed ?? String(terminal.now());
    const { now } = terminal;
    const serving = await startStandalone({ port: port ?? 7071, seed, misbehaviourRate: rate, now });
    out.show(
      { url: serving.url, control_url: `${serving.url}/_control`, seed, misbehaviour_rate: rate },
      () =>
        out.list([
          ['Simulated platforms', serving.url],
          ['Control API', `${serving.url}/_control`],
          ['Seed', seed],
          ['Calls that go wrong', `${rate * 100} %`],
        ]),
    );
    await stopSignal();
    await serving.close();
  },
});

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function rateOf(text = '0.02'): number {
  const rate = Number(text);
  if (text.trim() !== '' && rate >= 0 && rate <= 1) return rate;
  throw new UsageError('--misbehave has to be a number from 0 (never) to 1 (always).');
}
