import { createHash } from 'node:crypto';
import { constants, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { knownMigrations } from './migrate.ts';

/**
 * Where a checkout keeps its template: an embedded database without a row in it, made by `npm ci` once, so that no first
 * start has to spend seconds on making one. Elsewhere (the published package) there is none.
 */
export const TEMPLATES_FOLDER = fileURLToPath(
  new URL('../../node_modules/.cache/evergrant/databases', import.meta.url),
);

/** The version of the engine whose files they are. */
function engineVersion(): string {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** A template's place: named after all that it was made from, so that one of other parts is never found. */
export async function templatePath(folder: string): Promise<string> {
  const parts = (await knownMigrations()).map(({ name, checksum }) => `${name} ${checksum}`);
  const fingerprint = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
  return join(folder, `pglite-${engineVersion()}-${fingerprint}`);
}

/** Copies the template that fits to a directory that is there and empty. False: there is none that fits. */
export async function copyTemplate(folder: string, directory: string): Promise<boolean> {
  const template = await templatePath(folder);
  if (!existsSync(template)) return false;
  cpSync(template, directory, { recursive: true, mode: constants.COPYFILE_FICLONE });
  return true;
}

/** Makes the template, unless one that fits is there; those of other versions are removed. `build` moves it there whole. */
export async function makeTemplate(
  folder: string,
  build: (directory: string) => Promise<void>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const template = await templatePath(folder);
  for (const name of readdirSync(folder)) {
    if (join(folder, name) !== template) rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (!existsSync(template)) await build(template);
}
