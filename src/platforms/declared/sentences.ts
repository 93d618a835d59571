import type { z } from 'zod';

/** The mistakes that an issue stands for, as sentences that each begin with the field: `endpoints.token: is missing`. */
export function sentences(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== 'unrecognized_keys')
    return [`${issue.path.join('.') || 'declaration'}: ${wordsOf(issue)}`];
  return issue.keys.map((key) => `${[...issue.path, key].join('.')}: is not a field of a declaration`);
}

/** In words of ours; those of the schema itself stand. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    if (issue.message.endsWith('received undefined')) return 'is missing';
    return issue.expected === 'object'
      ? objectWords(issue.path)
      : `must be ${KINDS[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid'))
    return `must be one of: ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_key') return 'has a name that is not a text';
  return issue.message;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  record: 'an object of texts',
  number: 'a number',
};

/** What an object cannot do without: where something else stands in its place, nothing says that these are missing. */
const NEEDED: Readonly<Record<string, string>> = {
  '': 'id, name, base_url, and issuer or endpoints',
  endpoints: 'authorization and token',
  scopes: 'id',
  identity: 'id_path',
  accounts: 'url',
};

function objectWords([field = '']: readonly PropertyKey[]): string {
  const needed = NEEDED[String(field)];
  return needed === undefined ? 'must be an object' : `must be an object with ${needed}`;
}
