import { existsSync, readFileSync } from 'node:fs';

/** The version of the package to which this file belongs, from the source as from what is built. */
export function version(): string {
  for (let here = new URL('./package.json', import.meta.url); ; here = new URL('../package.json', here)) {
    if (existsSync(here)) return (JSON.parse(readFileSync(here, 'utf8')) as { version: string }).version;
    if (here.pathname.lastIndexOf('/') === 0) return '0.0.0';
  }
}
