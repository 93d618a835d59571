import type { Held, ProbeResult } from '../platforms/kit/adapter.ts';
import { diagnoseFor, type OpenApp } from './openGrant.ts';

/**
 * Asks the platform's own probe whether a grant lives. An adapter may go by the status of the answer; where the chain of
 * checks reads that answer as the platform's own trouble (a gateway's page under a 401), it is no word about the grant.
 */
export async function askProbe(open: OpenApp, held: Held): Promise<ProbeResult> {
  const result = await open.adapter.probe(open.io, open.config, held);
  if (result.verdict !== 'dead' || result.cause !== undefined) return result;
  const { cause } = diagnoseFor(open, held, result.answer);
  return cause === 'platform_outage' ? { verdict: 'unclear', answer: result.answer } : result;
}
