import { portProblem } from '../app/portProblem.ts';
import type { Instant } from '../core/instant.ts';
import { SIMULATORS } from '../platforms/simulators.ts';
import { MovableClock } from './clock.ts';
import { seededRandom } from './dice.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

const HOST = '127.0.0.1';

export interface StandaloneOptions {
  /** 0: any free port of this machine. */
  readonly port: number;
  /** Same seed, same calls: same tokens and same mishaps. */
  readonly seed: string;
  /** Share of calls that go wrong, from 0 to 1. */
  readonly misbehaviourRate: number;
  readonly now: () => Instant;
}

/** The simulated platforms without the service, held in memory, with a clock of their own that can be moved. */
export function startStandalone(options: StandaloneOptions): Promise<Sandbox> {
  const clock = new MovableClock(options.now);
  const { port } = options;
  return startSandbox({
    factories: SIMULATORS,
    now: clock.now,
    random: seededRandom(options.seed),
    misbehaviour: { rate: options.misbehaviourRate, random: seededRandom(`${options.seed} mishaps`) },
    clock,
    host: HOST,
    port,
  }).catch((error: NodeJS.ErrnoException) => {
    throw portProblem(error, '--port', port, HOST);
  });
}
