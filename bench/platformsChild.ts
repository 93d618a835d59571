/** The simulated platforms in a process of their own: what they cost is nobody's but theirs. */
import { SIMULATORS } from '../src/platforms/simulators.ts';
import { seededRandom } from '../src/simulator/dice.ts';
import { startSandbox } from '../src/simulator/sandbox.ts';

const sandbox = await startSandbox({
  factories: SIMULATORS,
  now: () => Date.now(),
  random: seededRandom('bench'),
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url: sandbox.url });
