import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FOLDERS = (process.env.PATH ?? '').split(':');
const FOUND = FOLDERS.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync);

/** Why nothing can be looked at in a real browser; false: it can. For the `skip` of a test. */
export const CHROMIUM_IS_MISSING =
  FOUND === undefined && 'no Chromium on this machine (on Debian: apt-get install chromium)';

/** A real browser without a window, which asks for nothing but what it is sent to. */
export function openChromium(): Promise<Browser> {
  const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'];
  const args = ['--no-sandbox', '--no-first-run', ...quiet.map((what) => `--disable-${what}`)];
  return chromium.launch({ executablePath: FOUND, args });
}
