import { CAUSES, type Cause } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { StateEvidence } from '../store/records.ts';

/** What a failing answer says, as it is kept. */
export function evidenceOf(diagnosis: Diagnosis): StateEvidence {
  return {
    cause: diagnosis.cause,
    check: diagnosis.check,
    endpoint: diagnosis.endpoint,
    status: diagnosis.status,
    code: diagnosis.words.code,
    message: diagnosis.words.message,
    remedy: diagnosis.remedy,
    who: diagnosis.who,
    ...(diagnosis.reconnect !== undefined && { reconnect: diagnosis.reconnect }),
    acceptableOthers: diagnosis.acceptableOthers,
    confirmedBy: null,
    missingScopes: [],
  };
}

/** Where the final cause is another than the answer's, its remedy is the vocabulary's. */
export function ownWords(cause: Cause, diagnosis: Diagnosis): Partial<StateEvidence> {
  if (cause === diagnosis.cause) return {};
  return { remedy: CAUSES[cause].remedy, who: CAUSES[cause].who };
}

/** What is recorded where scopes are missing: seen in what was granted, not in an answer. */
export function missingEvidence(missing: readonly string[], { missingScopes }: AuthMethod): StateEvidence {
  const { remedy, who } = missingScopes ?? CAUSES.permission_missing;
  const base = {
    check: null,
    endpoint: null,
    status: null,
    code: null,
    message: null,
    acceptableOthers: [],
    confirmedBy: null,
  };
  return { ...base, cause: 'permission_missing', remedy, who, missingScopes: missing };
}
