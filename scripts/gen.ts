import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { causesPage } from './causesPage.ts';
import { cliPage } from './cliPage.ts';
import { platformsPage } from './platformsPage.ts';
import { sdkTypes } from './sdkTypes.ts';

/** Everything that is made from the code, with where it goes. `--check` fails where a file is not what the code says. */
const GENERATED: readonly { readonly path: string; readonly make: () => string | Promise<string> }[] = [
  { path: 'docs/platforms.md', make: platformsPage },
  { path: 'docs/causes.md', make: causesPage },
  { path: 'docs/cli.md', make: cliPage },
  { path: 'sdk/src/openapi.gen.ts', make: sdkTypes },
];

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const { path, make } of GENERATED) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const text = await make();
  const before = await Promise.resolve()
    .then(() => readFileSync(file, 'utf8'))
    .catch(() => '');
  if (before === text) continue;
  stale.push(path);
  if (!check) writeFileSync(file, text);
}
if (stale.length > 0) console.log(`${check ? 'Out of date' : 'Written'}: ${stale.join(', ')}`);
if (check && stale.length > 0) {
  console.error('Run `npm run gen` and commit the result.');
  process.exit(1);
}
