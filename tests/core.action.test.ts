import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ACTIONS } from '../src/core/action.ts';
import { GRANT_STATES } from '../src/core/grantState.ts';

const cwd = fileURLToPath(new URL('../src/', import.meta.url));

/** A step of the diagnosis is named alike. */
const IS_CHECK = /^(chain|http|internal)\./;

/** Every text like `grant.renewed` in what writes to the log. Schemas hold examples of other things. */
const written = new Set(
  globSync('{app,keeper,server}/**/*.ts', { cwd, exclude: ['server/schemas/**'] })
    .flatMap((path) => [...readFileSync(`${cwd}${path}`, 'utf8').matchAll(/'([a-z_]+\.[a-z_]+)'/g)])
    .map(([, text]) => text as string)
    .filter((text) => !IS_CHECK.test(text)),
);

describe('The actions of the activity log', () => {
  it('are all that is written, so that whoever asks for one by its name finds it', () => {
    assert.ok(written.size > 30);
    const known = new Set<string>(ACTIONS);
    assert.deepEqual([...written].filter((action) => !known.has(action)).sort(), []);
  });

  it('are all written somewhere, or follow from a state of a grant', () => {
    const byState = new Set<string>(GRANT_STATES.map((state) => `grant.${state}`));
    assert.deepEqual(
      ACTIONS.filter((action) => !written.has(action) && !byState.has(action)),
      [],
    );
    assert.equal(new Set(ACTIONS).size, ACTIONS.length, 'each once');
  });
});
