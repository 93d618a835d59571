import { type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import type { FieldErrors } from '../kit/fields.ts';

const KEYS = 'the Google Cloud console (IAM, Service Accounts, Keys)';

/** What the token endpoint says of the entered values themselves; its other refusals are no typing mistakes. */
const REFUSALS: readonly (readonly [code: RegExp, words: RegExp, refused: FieldErrors])[] = [
  [
    /^invalid_grant$/,
    /invalid jwt signature/i,
    {
      key_file: `Google refuses this key: it was deleted, disabled, has expired, or the file was altered. Create a new key in ${KEYS} and paste its whole file.`,
    },
  ],
  [
    /^invalid_grant$/,
    /account not found/i,
    {
      key_file: `Google does not know the service account of this file: it was deleted, or the file was altered. Look it up in ${KEYS}, and paste the file of one that exists.`,
    },
  ],
  [
    /^disabled_client$/,
    /(?:)/,
    {
      key_file: `Google refuses this key because it, or its service account, is disabled. Enable it in ${KEYS}, or paste the file of another.`,
    },
  ],
  [
    // A key names no OAuth client: this is about the file, not about the app beside it.
    /^invalid_client$/,
    /(?:)/,
    {
      key_file: `Google does not accept what this file says of its service account. Look the account up in ${KEYS}, and paste the file of a new key.`,
    },
  ],
];

const ABOUT_SUBJECT: readonly (readonly [code: RegExp, words: RegExp, refused: FieldErrors])[] = [
  [
    /^invalid_grant$/,
    /not a valid email|invalid email or user id/i,
    {
      subject:
        'Google does not know this user. Enter the e-mail address with which they sign in at Google, or leave this empty.',
    },
  ],
  [
    /^unauthorized_client$/,
    /(?:)/,
    {
      subject:
        'Google does not let this service account act for anybody yet. An administrator of the Workspace domain allows it for these scopes by the service account’s numeric client ID (Admin console, Security, API controls, Domain-wide delegation; it can take 24 hours), or leave this empty.',
    },
  ],
];

/** Which entered value Google plainly refuses, and what to check; undefined: none, or it did not say. */
export function refusedKey(answer: PlatformAnswer, subject: string | undefined): FieldErrors | undefined {
  if (answer.kind !== 'answer') return undefined;
  const json = parseJson(answer.body);
  const code = textAt(json, 'error') ?? '';
  const words = textAt(json, 'error_description') ?? '';
  const rows = subject === undefined ? REFUSALS : [...REFUSALS, ...ABOUT_SUBJECT];
  return rows.find(([ofCode, ofWords]) => ofCode.test(code) && ofWords.test(words))?.[2];
}
