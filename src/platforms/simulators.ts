import type { SimulatorFactory } from './kit/simulator.ts';
import { simulateSnapchat } from './snapchat/simulator.ts';

/** Every simulated platform (or family that shares its sign-in). One line each. */
export const SIMULATORS: readonly SimulatorFactory[] = [simulateSnapchat];
