import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { keysRotate } from '../src/cli/keysRotate.ts';
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

  it('tells where the master key is rotated while the service runs, and where it is stopped first, as the command does', () => {
    const rotated = /^3\. \*\*Rotated\*\*.*?(?=^4\.)/ms.exec(PAGE)?.[0].replace(/\s+/g, ' ') ?? '';
    assert.match(keysRotate.about ?? '', /PostgreSQL go on .* An embedded .*: stop the service first/);
    assert.match(rotated, /PostgreSQL: while the service runs.*embedded .*: stop the service first/);
    assert.equal(rotated.split('while the service runs').length, 2, 'it is said of nothing else');
  });
});
