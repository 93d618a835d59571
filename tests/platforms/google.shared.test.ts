import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { diagnose } from '../../src/core/diagnosis.ts';
import { googleAds } from '../../src/platforms/google-ads/index.ts';
import { googleCm360 } from '../../src/platforms/google-cm360/index.ts';
import { googleDv360 } from '../../src/platforms/google-dv360/index.ts';
import { defaultScopes, googleBench, received } from './google.support.ts';

describe('The sign-in answers that all of Google’s platforms share', () => {
  for (const platform of [googleCm360, googleDv360]) {
    it(`are read alike by ${platform.profile.name}`, () => {
      for (const file of ['token', 'service-account', 'api']) {
        const address = new URL(`../../src/platforms/google-ads/fixtures/${file}.json`, import.meta.url);
        for (const { name, endpoint, status, headers = {}, body, facts, expect } of JSON.parse(
          readFileSync(address, 'utf8'),
        )) {
          const answer = {
            kind: 'answer',
            endpoint,
            status,
            headers,
            body: typeof body === 'string' ? body : JSON.stringify(body),
          } as const;
          assert.equal(
            diagnose(platform.adapter.checks, answer, facts, Date.parse('2026-11-22T09:00:00Z')).cause,
            expect.cause,
            name,
          );
        }
      }
    });

    it(`are too many calls for ${platform.profile.name} in its simulator’s words`, () => {
      const bench = googleBench(platform);
      const url = new URL(platform.adapter.methods.user_login!.baseUrl(bench.app, undefined as never));
      const request = {
        method: 'GET',
        host: url.host,
        path: `${url.pathname}/x`,
        query: url.searchParams,
        headers: {},
        body: '',
      };
      const answer = received('api', bench.google.rateLimited(request));
      const diagnosis = diagnose(platform.adapter.checks, answer, undefined, bench.clock.now());
      assert.deepEqual([diagnosis.cause, diagnosis.permanent], ['rate_limited', false]);
    });
  }

  it('leave the person’s scopes apart from the service account’s', () => {
    for (const platform of [googleAds, googleCm360, googleDv360]) {
      const asked = defaultScopes(platform, 'service_account');
      assert.ok(asked.length > 0 && !asked.includes('openid'));
      assert.deepEqual(defaultScopes(platform, 'user_login'), [...asked, 'openid', 'email']);
    }
  });
});
