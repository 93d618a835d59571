import type { BreakTarget } from '../platforms/kit/simulator.ts';
import { personOf, type Served } from './served.ts';

/** Whom a switch is meant for, as people say it: “everyone”, “Ida Sommer”, “app example-app”. */
export function whomOf({ simulator }: Pick<Served, 'simulator'>, target: BreakTarget): string {
  const { identity, clientId, accessToken } = target;
  const named = [
    identity === undefined ? undefined : (personOf(simulator, identity)?.name ?? identity),
    clientId === undefined ? undefined : `app ${clientId}`,
    accessToken === undefined ? undefined : 'one access token',
  ].filter((name) => name !== undefined);
  return named.length === 0 ? 'everyone' : named.join(', ');
}
