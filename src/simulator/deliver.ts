import type { SimMessage } from '../platforms/kit/simDeeds.ts';

const LONGEST_WAIT_MS = 10_000;

/** Posts a message once. The status of the answer, and its body where it is short; null: no answer. */
export async function deliver(to: string, { contentType, body }: SimMessage) {
  try {
    const signal = AbortSignal.timeout(LONGEST_WAIT_MS);
    const headers = { 'content-type': contentType };
    const answer = await fetch(to, { method: 'POST', headers, body, redirect: 'manual', signal });
    return { status: answer.status, answer: (await answer.text()).slice(0, 1_000) };
  } catch {
    return { status: null, answer: null };
  }
}
