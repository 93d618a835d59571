import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { readConfig } from '../src/config.ts';
import { type Running, startEvergrant } from '../src/main.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import { CHROMIUM_IS_MISSING, openChromium } from './support/chromium.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect.
type Loose = any;

const WCAG_21_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };

describe('every page, in a real browser', { skip: CHROMIUM_IS_MISSING }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'evergrant-pages-'));
  let running: Running;
  let chromium: Browser;
  let page: Page;

  before(async () => {
    const reading = readConfig({
      EVERGRANT_SANDBOX: 'on',
      PORT: '0',
      EVERGRANT_SANDBOX_PORT: '0',
      EVERGRANT_DATA_DIR: folder,
      EVERGRANT_LOG_LEVEL: 'silent',
    });
    assert.ok(reading.ok);
    [running, chromium] = await Promise.all([startEvergrant(reading.config), openChromium()]);
    page = await chromium.newPage();
  });
  after(async () => {
    await chromium?.close();
    await running?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call(method: string, path: string, body?: unknown): Promise<Loose> {
    const headers = { authorization: `Bearer ${running.apiKey}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return (await fetch(`${running.url}${path}`, init)).json();
  }

  /** A link under which somebody connects to this platform. */
  async function linkTo(platform: string, method?: string): Promise<string> {
    const [client] = (await call('GET', '/v1/clients')).data;
    const { data } = await call('GET', '/v1/apps?limit=200');
    const app = data.find((one: Loose) => one.platform === platform);
    const body = { client_id: client.id, app_id: app.id, ...(method && { method }) };
    return (await call('POST', '/v1/connect-sessions', body)).url;
  }

  /**
   * The page that is open, wide and light, then narrow and dark: what axe finds, and what is cut off. What comes again
   * and again in the same form, `repeated`, is left out for axe, which takes seconds for thousands of elements.
   */
  async function audit(repeated?: string): Promise<void> {
    const found: string[] = [];
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    await page.setViewportSize(NARROW);
    found.push(...((await page.evaluate(FIND_CUT)) as string[]));
    await page.evaluate(REMOVE, repeated ?? 'none');
    await page.evaluate(axe.source);
    for (const [viewport, colorScheme] of [[WIDE, 'light'] as const, [NARROW, 'dark'] as const]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const violations = (await page.evaluate(RUN_AXE, WCAG_21_AA)) as string[];
      found.push(...violations.map((one) => `${viewport.width} px, ${colorScheme}: ${one}`));
    }
    assert.deepEqual(found, [], `${await page.title()} at ${new URL(page.url()).pathname}`);
  }

  async function look(address: string, repeated?: string): Promise<void> {
    await page.goto(new URL(address, running.url).href);
    await audit(repeated);
  }

  const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click();
  const seen = (text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: 5_000 });

  it('of the operator: the connections, the API, an explanation, an unknown address, the sign-in', async () => {
    for (const address of ['/', '/problems/not_found', '/nothing-here']) await look(address);
    await look('/docs', 'article + article');
    await page.setExtraHTTPHeaders({ 'x-forwarded-for': '192.0.2.1' });
    await look('/');
    await page.getByLabel('API key').fill('wrong');
    await press('Look');
    await seen('This key is not valid');
    await audit();
    await page.setExtraHTTPHeaders({});
  });

  it('behind a link: who asks, the platform’s consent, what was left out, a refusal, the same person again', async () => {
    await page.goto(await linkTo('snapchat'));
    await seen('Or use a sign-in that is already there');
    await audit();
    await page.goto(await linkTo('meta'));
    await page.getByRole('link', { name: /^Continue to/ }).click();
    await audit();
    await page.getByLabel('ads_read').uncheck();
    await page.locator('button[value=allow]').click();
    await seen('Not every permission was allowed');
    await audit();
    await page.goto(`${await linkTo('meta')}/continue`);
    await press('Deny');
    await seen('Access was declined');
    await audit();
    const { data } = await call('GET', '/v1/connections?limit=200');
    await look(data.find((one: Loose) => one.reconnect_url !== null).reconnect_url);
  });

  it('with fields to fill in, and with what was wrong with them', async () => {
    await look(await linkTo('google-ads', 'service_account'));
    await look(await linkTo('trade-desk', 'api_token'));
    await page.getByLabel('API token').fill('nothing');
    await page.getByLabel('End date').fill('2001-01-01');
    await press(/^Connect/);
    await seen('Correct these fields');
    await audit();
  });

  it('on which a simulated platform asks for consent, in each of their colours, and on which one refuses', async () => {
    const signIns = PLATFORMS.map(({ profile }) => profile).filter(
      ({ methods }) => methods[0]?.kind === 'oauth',
    );
    for (const { id } of new Map(signIns.map((profile) => [profile.signInName, profile])).values())
      await look(`${await linkTo(id)}/continue`);
    await page.locator('button[value=allow]').click();
    await seen('You can close this window.');
    await audit();
    await look(`${running.sandboxUrl}/accounts.google.com/o/oauth2/v2/auth?client_id=nobody`);
  });

  it('of the simulated platforms: a switch leads back to its platform, and says what was done', async () => {
    await page.setViewportSize(WIDE);
    await page.goto(`${running.sandboxUrl}/`);
    const row = page.locator('tr[id="pinterest.user_deactivated"]');
    await row.getByLabel('For whom').selectOption({ index: 1 });
    await row.getByRole('button', { name: /^Break/ }).click();
    const done = page.getByRole('status');
    assert.match((await done.textContent()) ?? '', /^Done: broken for .*deactivated/);
    assert.match(page.url(), /#pinterest$/);
    const place = await done.boundingBox();
    assert.ok(place && place.y > 0 && place.y < WIDE.height, 'in sight, without scrolling');
    await audit('section:not([id^=p]), section tr:nth-child(n + 4):not([id="pinterest.user_deactivated"])');
    await page.goto(`${running.sandboxUrl}/#pinterest`);
    await press(/^Mend: /);
    await seen(/mended for/);
    assert.equal(await page.locator('.broken').count(), 0);
  });

  it('of the clock: running, frozen, refused, on its way, arrived', async () => {
    await look('/clock');
    await press('Freeze');
    await seen('frozen');
    await page.getByLabel('By').fill('soon');
    await press('Move');
    await seen('A span is a number and a unit');
    await audit();
    await page.goto(`${running.url}/clock`);
    await page.getByLabel('By').fill('90d');
    await press(/^Move$/);
    await seen('Reload this page');
    await audit();
    await press('Stop the clock here');
    await seen('Stopped on the way');
    await audit();
  });
});

const RUN_AXE = async (tags: string[]) => {
  const { violations } = await (globalThis as Loose).axe.run({ runOnly: tags, resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }: Loose) =>
    nodes.map(({ target, failureSummary }: Loose) => `${id} ${target}: ${failureSummary}`),
  );
};

const REMOVE = (selector: string) => {
  for (const one of (globalThis as Loose).document.querySelectorAll(selector)) one.remove();
};

/** What sticks out of the window, unless it lies in a box that scrolls. */
const FIND_CUT = () => {
  const { document, innerWidth } = globalThis as Loose;
  return [...document.body.querySelectorAll('*')]
    .filter((element: Loose) => {
      const { left, right, width, height } = element.getBoundingClientRect();
      const isOut = right > innerWidth + 1 && left >= 0 && width > 1 && height > 1;
      return isOut && !element.closest('.scroll, pre');
    })
    .map((element: Loose) => `cut off: ${element.outerHTML.slice(0, 120)}`);
};
