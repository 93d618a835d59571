import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { codeChallengeOf } from '../src/app/hash.ts';
import { baseUrlOf } from '../src/app/openToken.ts';
import { CAUSES, isCause } from '../src/core/cause.ts';
import { diagnose } from '../src/core/diagnosis.ts';
import { reconnectMends } from '../src/core/reconnect.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { AdAccount, Held, MethodAdapter } from '../src/platforms/kit/adapter.ts';
import { readStandardCallback } from '../src/platforms/kit/oauth.ts';
import type { Platform } from '../src/platforms/kit/platform.ts';
import type { AuthMethod } from '../src/platforms/kit/profile.ts';
import type { SimBreak } from '../src/platforms/kit/simulator.ts';
import { SIMULATORS } from '../src/platforms/simulators.ts';
import { personOf } from '../src/simulator/served.ts';
import { createSender } from '../src/wire/send.ts';
import { type Bench, benchFor, consent, factsOf, heldAfter } from './support/simulated.ts';

const REDIRECT_URI = 'https://evergrant.example/oauth/callback/any';

async function connect(
  bench: Bench,
  platform: Platform,
  method: AuthMethod,
  adapter: MethodAdapter,
): Promise<Held> {
  const scopes = method.scopes.filter((scope) => scope.byDefault).map((scope) => scope.id);
  const outcome =
    method.kind === 'oauth'
      ? await authorize(bench, method, adapter, scopes)
      : await accept(bench, method, adapter);
  assert.ok(outcome.ok, `connecting failed: ${JSON.stringify(outcome)}`);
  const { value } = outcome;
  assert.ok(value.identity, 'connecting brings the identity');
  assert.ok(
    Object.values(value.secrets).every((secret) => secret !== ''),
    'no secret is empty',
  );
  return {
    secrets: value.secrets,
    identity: value.identity,
    facts: factsOf(platform, method, value, scopes),
  };
}

async function authorize(
  bench: Bench,
  method: AuthMethod,
  adapter: MethodAdapter,
  scopes: readonly string[],
) {
  assert.ok(adapter.authorizeUrl && adapter.exchange, 'an oauth method can authorize and exchange');
  const codeVerifier = method.pkce ? 'v'.repeat(43) : null;
  const url = await adapter.authorizeUrl(
    bench.app,
    {
      redirectUri: REDIRECT_URI,
      state: 'state-1',
      codeChallenge: codeVerifier && codeChallengeOf(codeVerifier),
      nonce: 'nonce-1',
      scopes,
      identity: null,
      reconnect: false,
    },
    bench.io,
  );
  const query = await consent(bench, url);
  assert.equal(query.get('state'), 'state-1', 'state comes back unchanged');
  const callback = (adapter.readCallback ?? readStandardCallback)(query, bench.app);
  assert.ok(callback.kind === 'code', `the callback carries a code: ${query}`);
  const input = { code: callback.code, redirectUri: REDIRECT_URI, codeVerifier, nonce: 'nonce-1', scopes };
  const first = await adapter.exchange(bench.io, bench.app, input);
  const again = await adapter.exchange(bench.io, bench.app, input);
  assert.equal(again.ok, false, 'a code works once');
  return first;
}

async function accept(bench: Bench, method: AuthMethod, adapter: MethodAdapter) {
  assert.ok(adapter.accept, 'a fields method can accept fields');
  const fields = bench.simulator.fields(bench.app.platform, method.id);
  for (const field of method.fields)
    assert.ok(!field.required || fields[field.id], `the simulator gives a value for ${field.id}`);
  return adapter.accept(bench.io, bench.app, fields);
}

/** What the grant says after the break: the failing answer, read by the platform's own chain. */
async function seeBreak(
  bench: Bench,
  adapter: MethodAdapter,
  platform: Platform,
  held: Held,
  broken: SimBreak,
  healthyAccounts: readonly AdAccount[],
) {
  const read = (answer: Parameters<typeof diagnose>[1]) =>
    diagnose(platform.adapter.checks, answer, held.facts, bench.clock.now());
  if (broken.shows === 'renew') {
    assert.ok(adapter.renew, 'a break that shows on renewal needs a renewal');
    const outcome = await adapter.renew(bench.io, bench.app, held);
    assert.equal(outcome.ok, false, 'the renewal fails');
    return outcome.ok ? undefined : read(outcome.answer);
  }
  if (broken.shows === 'probe') {
    const result = await adapter.probe(bench.io, bench.app, held);
    assert.notEqual(result.verdict, 'alive', 'the probe sees it');
    if (result.verdict === 'alive') return undefined;
    const diagnosis = read(result.answer);
    return result.verdict === 'dead' && result.cause ? { ...diagnosis, cause: result.cause } : diagnosis;
  }
  const outcome = await adapter.accounts(bench.io, bench.app, held);
  if (!outcome.ok) return read(outcome.answer);
  assert.ok(!isDeepStrictEqual(outcome.value, healthyAccounts), 'the account list shows it');
  return undefined;
}

for (const platform of PLATFORMS) {
  const { profile } = platform;
  describe(`${profile.name} conforms`, () => {
    it('has an adapter for each auth method, and no other', () => {
      assert.deepEqual(
        Object.keys(platform.adapter.methods).sort(),
        profile.methods.map((method) => method.id).sort(),
      );
    });

    it('gives each fact of its cadence a source and a date', () => {
      for (const method of profile.methods) {
        for (const [name, fact] of Object.entries(method.cadence)) {
          if (typeof fact !== 'object') continue;
          assert.ok(fact.source.length > 5, `${method.id}.${name} has a source`);
          assert.match(fact.checked, /^\d{4}-\d{2}-\d{2}$/, `${method.id}.${name} has a date`);
        }
      }
    });

    pagesOfGateways(platform);
    for (const method of profile.methods) conformingMethod(platform, method);
    documentedAnswers(platform);
  });
}

const PAGE =
  '<html><head><title>ERROR</title></head><body>Access denied by gateway. Unauthorized.</body></html>';
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const PAGES = [
  { headers: {}, body: `<!DOCTYPE html>\n${PAGE}` },
  { headers: {}, body: `\n  ${PAGE}` },
  { headers: HTML, body: PAGE },
  { headers: HTML, body: 'Request blocked. Reference #18.2d351ab8' },
] as const;
/** A page says by these statuses what it says anywhere; by any other, that something stands in between. */
const CAUSE_OF_PAGE: Readonly<Record<number, string>> = {
  404: 'request_invalid',
  405: 'request_invalid',
  410: 'request_invalid',
  429: 'rate_limited',
};

function pagesOfGateways({ profile, adapter }: Platform): void {
  const known = profile.methods.map(({ id, cadence }) => {
    const renewable = cadence.mechanism.value !== 'none';
    const ends = { accessExpiresAt: null, renewalExpiresAt: null };
    return { method: id, renewable, extra: {}, scopesGranted: [], issuedAt: 0, ...ends };
  });
  const now = Date.parse('2026-11-22T09:00:00Z');

  it('never takes a page for evidence against a person, an account or the app', () => {
    for (const facts of [undefined, ...(known as unknown as Held['facts'][])])
      for (const endpoint of ['token', 'api', 'probe', 'revoke', 'authorize'] as const)
        for (const status of [
          200, 302, 400, 401, 403, 404, 405, 406, 409, 410, 415, 422, 426, 429, 500, 502, 503,
        ])
          for (const page of PAGES) {
            const { cause, check } = diagnose(
              adapter.checks,
              { kind: 'answer', endpoint, status, ...page },
              facts,
              now,
            );
            const why = `${endpoint} ${status} ${facts?.method ?? ''}: ${check}`;
            assert.equal(cause, CAUSE_OF_PAGE[status] ?? 'platform_outage', why);
          }
  });

  it('reads what a header says of the token, whatever page comes with it', () => {
    const headers = { ...HTML, 'www-authenticate': 'Bearer error="invalid_token"' };
    const answer = { kind: 'answer', endpoint: 'api', status: 401, headers, body: PAGE } as const;
    assert.notEqual(diagnose(adapter.checks, answer, undefined, now).cause, 'platform_outage');
  });
}

function conformingMethod(platform: Platform, method: AuthMethod): void {
  const adapter = platform.adapter.methods[method.id]!;
  const fresh = async () => {
    const bench = benchFor(platform, SIMULATORS);
    return { bench, held: await connect(bench, platform, method, adapter) };
  };

  describe(method.id, () => {
    it('connects, and the probe and the account list prove it', async () => {
      const { bench, held } = await fresh();
      assert.equal((await adapter.probe(bench.io, bench.app, held)).verdict, 'alive');
      const accounts = await adapter.accounts(bench.io, bench.app, held);
      assert.ok(accounts.ok && accounts.value.length > 0, JSON.stringify(accounts));
      for (const account of accounts.value)
        assert.ok(account.id && account.name, 'accounts have an id and a name');
      assert.ok(Object.keys(adapter.callHeaders(bench.app, held)).length > 0);
      assert.match(adapter.baseUrl(bench.app, held), /^https:\/\/.*[^/]$/);
    });

    it('says where calls begin, with no slash at the end, live and in a sandbox', async (test) => {
      const { bench, held } = await fresh();
      const wire = createSender({ sandboxBaseUrl: 'http://127.0.0.1:7071/', now: bench.clock.now });
      test.after(() => wire.close());
      for (const environment of ['live', 'sandbox'] as const) {
        const url = baseUrlOf(wire, { adapter, config: { ...bench.app, environment } }, held);
        assert.match(url, environment === 'live' ? /^https:\/\/\w/ : /^http:\/\/127\.0\.0\.1:7071\/\w/);
        assert.doesNotMatch(url, /\/$/);
      }
    });

    it('is somebody whom the simulated platform knows, so that a switch can be meant for them', async () => {
      const { bench, held } = await fresh();
      assert.ok(personOf(bench.simulator, held.identity!.id), held.identity!.id);
    });

    it('keeps secrets out of addresses, except where the platform knows no other way', async () => {
      const { bench } = await fresh();
      for (const request of bench.sent.filter(
        (sent) => sent.method === 'POST' && sent.endpoint === 'token',
      )) {
        assert.ok(
          !request.url.includes(bench.app.clientSecret),
          'no client secret in the address of a token call',
        );
      }
    });

    if (adapter.renew) {
      it('renews again and again, and the renewed credential works', async () => {
        const { bench, held } = await fresh();
        let current = held;
        for (let round = 0; round < 3; round += 1) {
          bench.clock.advance(60_000);
          const outcome = await adapter.renew!(bench.io, bench.app, current);
          assert.ok(outcome.ok, JSON.stringify(outcome));
          current = heldAfter(current, outcome.value);
        }
        assert.equal((await adapter.probe(bench.io, bench.app, current)).verdict, 'alive');
      });
    }

    if (adapter.revoke) {
      it('revokes, and the platform knows it', async () => {
        const { bench, held } = await fresh();
        const outcome = await adapter.revoke!(bench.io, bench.app, held);
        if (outcome.ok) assert.notEqual((await adapter.probe(bench.io, bench.app, held)).verdict, 'alive');
      });
    }

    const simulator = benchFor(platform, SIMULATORS).simulator;
    const breaks = simulator
      .breaks(platform.profile.id)
      .filter((one) => !one.methods || one.methods.includes(method.id));
    it('can be broken at the simulated platform', () => assert.ok(breaks.length > 0));
    for (const broken of breaks) {
      it(`tells ${broken.how} for what it is`, async () => {
        const { bench, held } = await fresh();
        const target = { identity: held.identity!.id, clientId: bench.app.clientId || undefined };
        const live = bench.simulator.breaks(platform.profile.id).find((one) => one.how === broken.how)!;
        const healthy = await adapter.accounts(bench.io, bench.app, held);
        assert.ok(healthy.ok, 'the account list answers before the break');
        live.apply(target);
        const diagnosis = await seeBreak(bench, adapter, platform, held, broken, healthy.value);
        if (diagnosis) {
          const said = [diagnosis.cause, ...diagnosis.acceptableOthers];
          assert.ok(
            said.includes(broken.truth),
            `${broken.truth} is among ${said.join(', ')} (${diagnosis.check})`,
          );
        }
        live.mend?.(target);
      });
    }
  });
}

/** What a person who signs in never has to know. */
const JARGON = /introspect|\bprobe|endpoint|\bgrants?\b|refresh token|\bJWT\b|\/me\/|\bquery\b/i;
const SIGN_IN_PLACES = new Set(
  PLATFORMS.map(({ profile }) => (profile.signInName ?? profile.name).split(' ')[0]!),
);

interface Fixture {
  readonly name: string;
  readonly source: string;
  readonly confidence: string;
  readonly endpoint: 'token' | 'api' | 'probe' | 'authorize' | 'revoke';
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
  /** Facts that matter to the diagnosis, such as `{ "unknownOutcomeAt": 1 }`. */
  readonly facts?: Record<string, unknown>;
  readonly expect: {
    cause: string;
    permanent: boolean;
    who?: string;
    remedy?: string;
    others?: string[];
    retryAfterSeconds?: number;
  };
}

function documentedAnswers(platform: Platform): void {
  const folder = new URL(`../src/platforms/${platform.profile.id}/fixtures/`, import.meta.url);
  const fixtures = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture[]);

  it('has documented answers, each with its source', () => {
    assert.ok(fixtures.length >= 5);
    for (const fixture of fixtures) assert.ok(fixture.source && fixture.confidence, fixture.name);
    assert.equal(new Set(fixtures.map((fixture) => fixture.name)).size, fixtures.length, 'names are unique');
  });

  for (const { id, kind } of platform.profile.methods) {
    if (kind !== 'fields') continue;
    it(`sends nobody to sign in where a credential was entered: ${id}`, () => {
      const held = {
        method: id,
        extra: {},
        scopesGranted: [],
        accessExpiresAt: null,
        renewalExpiresAt: null,
      };
      for (const fixture of fixtures) {
        const { endpoint, status, headers = {}, body, facts } = fixture;
        if (endpoint === 'authorize' || (facts?.method ?? id) !== id) continue;
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        const answer = { kind: 'answer', endpoint, status, headers, body: text } as const;
        const known = { ...held, ...facts, issuedAt: 0 } as unknown as Held['facts'];
        const { remedy } = diagnose(
          platform.adapter.checks,
          answer,
          known,
          Date.parse('2026-11-22T09:00:00Z'),
        );
        assert.doesNotMatch(remedy, /\bsign(s|ed)? in\b|ticked|allow every/i, fixture.name);
      }
    });
  }

  it('leads to no reconnect against its own words', () => {
    for (const { name, endpoint, status, headers = {}, body, facts } of fixtures) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const answer = { kind: 'answer', endpoint, status, headers, body: text } as const;
      const known = facts as unknown as Held['facts'] | undefined;
      const diagnosis = diagnose(platform.adapter.checks, answer, known, Date.parse('2026-11-22T09:00:00Z'));
      const { remedy, permanent, reach } = diagnosis;
      const against =
        /\b(no|never|nobody has to|nothing has to be) (reconnect|(new )?token is needed|entered)/i;
      const elsewhere =
        !permanent || ((reach === 'app' || reach === 'call') && !/; then .*reconnect/.test(remedy));
      if (!elsewhere && !against.test(remedy)) continue;
      for (const state of ['degraded', 'failing'] as const)
        assert.ok(!reconnectMends({ ...diagnosis, state }), `${name}: ${remedy}`);
    }
  });

  for (const fixture of fixtures) {
    it(`reads: ${fixture.name}`, () => {
      const body = typeof fixture.body === 'string' ? fixture.body : JSON.stringify(fixture.body);
      const { endpoint, status, expect } = fixture;
      const facts = fixture.facts as unknown as Held['facts'] | undefined;
      const answer = { kind: 'answer', endpoint, status, headers: fixture.headers ?? {}, body } as const;
      const diagnosis = diagnose(platform.adapter.checks, answer, facts, Date.parse('2026-11-22T09:00:00Z'));
      assert.ok(isCause(expect.cause), `${expect.cause} is in the vocabulary`);
      assert.equal(diagnosis.cause, expect.cause, diagnosis.check);
      assert.equal(diagnosis.permanent, expect.permanent);
      // A fixture that names no actor or no remedy expects those of the vocabulary.
      assert.equal(diagnosis.who, expect.who ?? CAUSES[expect.cause].who);
      if (expect.remedy) assert.match(diagnosis.remedy, new RegExp(expect.remedy, 'i'));
      else assert.equal(diagnosis.remedy, CAUSES[expect.cause].remedy);
      if (diagnosis.who === 'authorizing_user') assert.doesNotMatch(diagnosis.remedy, JARGON);
      for (const [, where] of diagnosis.remedy.matchAll(/sign(?:s|ed)? in (?:at|with) ([A-Z]\w+)/g))
        assert.ok(SIGN_IN_PLACES.has(where!), `nobody signs in at ${where}`);
      for (const other of expect.others ?? [])
        assert.ok((diagnosis.acceptableOthers as string[]).includes(other), other);
      if (expect.retryAfterSeconds !== undefined)
        assert.equal(diagnosis.retryAfterSeconds, expect.retryAfterSeconds);
    });
  }
}
