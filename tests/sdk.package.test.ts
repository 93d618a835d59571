import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createEvergrant } from '../sdk/src/index.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = readFileSync(join(ROOT, 'sdk/README.md'), 'utf8');

const blocks = (language: string): readonly string[] =>
  [...README.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
    .filter((match) => match[1] === language)
    .map((match) => match[2]!);

/** The strictest that somebody's project is likely to be. */
const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: false,
  target: 'es2022',
  module: 'nodenext',
  lib: ['es2022', 'dom', 'dom.iterable'],
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
  noEmit: true,
};

describe('the SDK, as its README has it installed from a clone', () => {
  let folder: string;
  let project: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evergrant-sdk-'));
    const clone = join(folder, 'evergrant');
    project = join(folder, 'project');
    for (const made of [join(clone, 'sdk'), project]) mkdirSync(made, { recursive: true });
    const copied = ['package.json', 'tsconfig.json', 'sdk/package.json', 'sdk/tsconfig.json', 'sdk/src'];
    for (const path of copied) cpSync(join(ROOT, path), join(clone, path), { recursive: true });
    writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }');
    // What `npm ci` brings is there already.
    symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
    const install = blocks('sh')[0]!.replace('npm ci && ', '');
    assert.match(install, /npm pack/);
    const env = { ...process.env, npm_config_offline: 'true', npm_config_audit: 'false' };
    await run('bash', ['-ec', install], { cwd: project, env });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is imported by its name', async () => {
    const script = "import('@evergrant/sdk').then((sdk) => console.log(typeof sdk.createEvergrant))";
    assert.equal((await run(process.execPath, ['-e', script], { cwd: project })).stdout, 'function\n');
  });

  it('lets the README’s examples compile, under exactOptionalPropertyTypes too', async () => {
    writeFileSync(join(project, 'examples.ts'), blocks('ts').join('\n'));
    const config = { compilerOptions: STRICT, files: ['examples.ts'] };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const told = await run(process.execPath, [tsc, '-p', project]).catch((error) => error);
    assert.equal(told.stdout, '');
  });
});

describe('the README of the SDK', () => {
  it('names every method, and no other', () => {
    const evergrant = createEvergrant({ url: 'http://127.0.0.1' });
    const had = Object.entries(evergrant).flatMap(([name, part]) =>
      typeof part === 'function' ? [name] : Object.keys(part).map((member) => `${name}.${member}`),
    );
    const words = (cell = '') => [...cell.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
    const named = [...README.matchAll(/^\| (`.*?) +\| (.*?) +\|$/gm)].flatMap(([, parts, members]) =>
      words(parts).flatMap((part) => {
        const all = words(members);
        return all.length === 0 ? [part] : all.map((member) => `${part}.${member}`);
      }),
    );
    assert.deepEqual(named.sort(), had.sort());
  });
});
