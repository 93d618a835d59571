import type { SimulatorFactory } from '../../src/platforms/kit/simulator.ts';
import { SIMULATORS } from '../../src/platforms/simulators.ts';
import { seededRandom } from '../../src/simulator/dice.ts';
import { type Sandbox, startSandbox } from '../../src/simulator/sandbox.ts';
import { movableClock } from './simulated.ts';

export interface TestSandbox extends Sandbox {
  readonly clock: ReturnType<typeof movableClock>;
  /** A call of the control API: `control('POST', 'snapchat/break', { how: 'revoked_by_user' })`. Throws what it refuses. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect.
  readonly control: (method: string, path?: string, body?: unknown) => Promise<any>;
}

/** The simulated platforms over real HTTP on a free port, with a clock that tests move by hand. */
export async function sandboxForTest(
  factories: readonly SimulatorFactory[] = SIMULATORS,
  seed = 'sandbox',
): Promise<TestSandbox> {
  const clock = movableClock();
  const sandbox = await startSandbox({ factories, now: clock.now, random: seededRandom(seed) });
  const control = async (method: string, path = '', body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${sandbox.url}/_control${path && `/${path}`}`, init);
    const json = await answer.json();
    if (!answer.ok)
      throw Object.assign(new Error(`${answer.status} ${json.error}: ${json.message}`), { json });
    return json;
  };
  return { ...sandbox, clock, control };
}
