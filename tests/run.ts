/** Runs the tests with one real PostgreSQL beside them: `node tests/run.ts [file or option for node --test …]`. */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from './support/postgres.ts';

const given = process.argv.slice(2);
const options = given.filter((argument) => argument.startsWith('-'));
const named = given.filter((argument) => !argument.startsWith('-'));
const files = named.length > 0 ? named : globSync('tests/**/*.test.ts').sort();

/** What one test file has made at some cost and the others can use, too: compiled code, and what they keep here themselves. */
const sharedDir = mkdtempSync(join(tmpdir(), 'evergrant-tests-'));
const OURS = { TEST_SHARED_DIR: sharedDir, NODE_COMPILE_CACHE: join(sharedDir, 'compiled') };

function runTests(databaseUrl: string): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--test', '--test-concurrency=2', '--test-reporter=spec', ...options, ...files],
    { stdio: 'inherit', env: { ...process.env, ...OURS, TEST_DATABASE_URL: databaseUrl } },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const postgres = await startPostgres();
let code = 1;
try {
  code = await runTests(postgres.url);
} finally {
  await postgres.stop();
  rmSync(sharedDir, { recursive: true, force: true });
}
// The database package hooks into the end of the process and would make every end a success: the code is said outright.
process.exit(code);
