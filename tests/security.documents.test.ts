import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from './support/sourceTree.ts';

const PAGE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
const NAMED = /`(tests\/[\w./]+\.test\.ts)`: ((?:“[^”]+”(?:, )?)+)/g;

describe('The page about security', () => {
  it('names tests that exist, under the titles that they have', () => {
    const missing: string[] = [];
    let titles = 0;
    for (const [, file = '', list = ''] of PAGE.matchAll(NAMED)) {
      const path = join(ROOT, file);
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      for (const [, title = ''] of list.matchAll(/“([^”]+)”/g)) {
        titles += 1;
        if (!text.includes(title)) missing.push(`${file}: ${title}`);
      }
    }
    assert.deepEqual(missing, []);
    assert.ok(titles > 80, `${titles} are named`);
  });
});
