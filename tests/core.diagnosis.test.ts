import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { at, numberAt, parseJson, type ReceivedAnswer, readAnswer, textAt } from '../src/core/answer.ts';
import { ALL_CAUSES, CAUSES } from '../src/core/cause.ts';
import { type Check, diagnose, type Finding, retryAfterSeconds } from '../src/core/diagnosis.ts';
import { answerOf, anyDiagnosis, diagnosisOf, factsWith, NOW } from './support/facts.ts';

const says = (name: string, finding: Finding | undefined): Check => ({ name, look: () => finding });
const wordsOf = (body: unknown) =>
  diagnose([], answerOf({ body: typeof body === 'string' ? body : JSON.stringify(body) }), undefined, NOW)
    .words;

describe('a diagnosis', () => {
  it('is what the first check says that has something to say', () => {
    const asked: string[] = [];
    const chain = ['a', 'b', 'c'].map(
      (name): Check => ({
        name,
        look: () => {
          asked.push(name);
          return name === 'b' ? { cause: 'rate_limited' } : undefined;
        },
      }),
    );
    const diagnosis = diagnose(chain, answerOf(), undefined, NOW);
    assert.deepEqual([diagnosis.check, diagnosis.cause, asked.join('')], ['b', 'rate_limited', 'ab']);
  });

  it('follows the order of the chain', () => {
    const one = says('one', { cause: 'revoked_by_user' });
    const other = says('other', { cause: 'password_changed' });
    assert.equal(diagnose([one, other], answerOf(), undefined, NOW).check, 'one');
    assert.equal(diagnose([other, one], answerOf(), undefined, NOW).check, 'other');
  });

  it('is unknown, passing and harmless where the whole chain is silent', () => {
    const diagnosis = diagnose([says('mute', undefined)], answerOf({ status: 418 }), undefined, NOW);
    assert.deepEqual(
      [diagnosis.cause, diagnosis.meaning, diagnosis.permanent, diagnosis.check, diagnosis.status],
      ['unknown', 'transient', false, 'chain.silent', 418],
    );
  });

  it('shows each check the answer with its body read, the facts, and the time', () => {
    const facts = factsWith();
    diagnose(
      [
        {
          name: 'looks',
          look: (evidence) => {
            assert.deepEqual(evidence.answer.json, { error: 'invalid_grant' });
            assert.equal(evidence.facts, facts);
            assert.equal(evidence.now, NOW);
            return undefined;
          },
        },
      ],
      answerOf({ body: '{"error":"invalid_grant"}', headers: { 'content-type': 'text/plain' } }),
      facts,
      NOW,
    );
  });

  it('takes its words from the vocabulary, and a platform’s own where the check brings some', () => {
    for (const cause of ALL_CAUSES) {
      const { permanent, who, reach, remedy, explanation } = diagnosisOf({ cause });
      const { meaning: expected, reconnect: _, ...entry } = CAUSES[cause];
      assert.deepEqual({ permanent, who, reach, remedy, explanation }, { ...entry, explanation: expected });
    }
    const own = {
      cause: 'admin_policy',
      who: 'operator',
      permanent: false,
      reach: 'app',
      remedy: 'Ask Ida.',
      also: ['unknown'],
    } as const;
    const diagnosis = diagnosisOf(own);
    assert.deepEqual(
      [diagnosis.who, diagnosis.permanent, diagnosis.reach, diagnosis.remedy, diagnosis.acceptableOthers],
      ['operator', false, 'app', 'Ask Ida.', ['unknown']],
    );
  });

  it('means one of four things, and an app’s fault is never a grant’s', () => {
    fc.assert(
      fc.property(anyDiagnosis, ({ meaning, permanent, reach, status }) => {
        if (status === null) return;
        const expected = ['app', 'call'].includes(reach)
          ? 'app_fault'
          : permanent
            ? 'person_needed'
            : 'transient';
        assert.equal(meaning, expected);
      }),
    );
  });
});

describe('a silence', () => {
  const silence = (
    reason: 'timeout' | 'connection_failed' | 'host_refused' | 'answer_too_large',
    sent: boolean,
  ) =>
    diagnose(
      [says('never asked', { cause: 'revoked_by_user' })],
      { kind: 'no_answer', endpoint: 'token', reason, sent },
      undefined,
      NOW,
    );

  it('after the request went out leaves the outcome unknown', () => {
    for (const reason of ['timeout', 'answer_too_large'] as const) {
      const { cause, meaning, status, check } = silence(reason, true);
      assert.deepEqual(
        [cause, meaning, status, check],
        ['platform_outage', 'unknown_outcome', null, `silence.${reason}`],
      );
    }
  });

  it('before anything went out is an outage and nothing more', () => {
    assert.equal(silence('connection_failed', false).meaning, 'transient');
  });

  it('that we imposed ourselves is our fault', () => {
    const { cause, meaning, who } = silence('host_refused', false);
    assert.deepEqual([cause, meaning, who], ['app_misconfigured', 'app_fault', 'operator']);
  });

  it('keeps what is known of it as words', () => {
    const answer = {
      kind: 'no_answer',
      endpoint: 'api',
      reason: 'timeout',
      sent: true,
      detail: '10000 ms',
    } as const;
    const diagnosis = diagnose([], answer, undefined, NOW);
    assert.deepEqual(
      [diagnosis.words, diagnosis.endpoint],
      [{ code: 'timeout', message: '10000 ms' }, 'api'],
    );
  });
});

describe('the platform’s words', () => {
  it('are found in the common envelopes', () => {
    const envelopes: readonly [unknown, string | null, string | null][] = [
      [{ error: 'invalid_grant', error_description: 'Token expired' }, 'invalid_grant', 'Token expired'],
      [{ error: { code: 190, error_subcode: 460, message: 'Session ended' } }, '190/460', 'Session ended'],
      [{ error: { status: 'PERMISSION_DENIED', message: 'No' } }, 'PERMISSION_DENIED', 'No'],
      [{ code: 40105, message: 'Access token is invalid' }, '40105', 'Access token is invalid'],
      [{ serviceErrorCode: 65601, message: 'Revoked' }, '65601', 'Revoked'],
      [{ code: 'UNAUTHORIZED', details: 'Not you' }, 'UNAUTHORIZED', 'Not you'],
      [{ ErrorCode: 'X1', Message: 'Trouble' }, 'X1', 'Trouble'],
      [{ request_status: 'ERROR', debug_message: 'down', error_code: 'E1' }, 'E1', 'down'],
    ];
    for (const [body, code, message] of envelopes)
      assert.deepEqual(wordsOf(body), { code, message }, JSON.stringify(body));
  });

  it('are the text itself where the body is none of them, but never a page of HTML', () => {
    assert.deepEqual(wordsOf('  Service Unavailable \n'), { code: null, message: 'Service Unavailable' });
    assert.deepEqual(wordsOf('"just a string"'), { code: null, message: 'just a string' });
    for (const body of ['<html><body>Sorry</body></html>', '<!DOCTYPE html>', '', '[]', '{}', 'null']) {
      assert.deepEqual(wordsOf(body), { code: null, message: null }, body);
    }
  });

  it('are cut to what a record can bear', () => {
    assert.equal(wordsOf('x'.repeat(100_000)).message?.length, 300);
    assert.equal(wordsOf({ message: 'y'.repeat(100_000) }).message?.length, 300);
  });

  it('are read from any body whatever without an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
        const { code, message } = wordsOf(body);
        assert.ok(code === null || typeof code === 'string');
        assert.ok(message === null || message.length <= 300);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('Retry-After', () => {
  const after = (value: string | undefined) =>
    retryAfterSeconds(
      readAnswer(answerOf({ headers: value === undefined ? {} : { 'retry-after': value } })),
      NOW,
    );

  it('is read as seconds and as a date', () => {
    assert.equal(after('120'), 120);
    assert.equal(after(' 0 '), 0);
    assert.equal(after(new Date(NOW + 90_500).toUTCString()), 90);
    assert.equal(after('Sun, 22 Nov 2026 09:01:30 GMT'), 90);
  });

  it('is not negative for a date that has passed, and null where it is absent or unreadable', () => {
    assert.equal(after('Sun, 22 Nov 2020 09:00:00 GMT'), 0);
    assert.equal(after(undefined), null);
    assert.equal(after('soon'), null);
    assert.equal(after(''), null);
  });

  it('is part of the diagnosis, unless the check knows better', () => {
    const headers = { 'retry-after': '120' };
    assert.equal(diagnosisOf({ cause: 'rate_limited' }, { headers }).retryAfterSeconds, 120);
    assert.equal(
      diagnosisOf({ cause: 'rate_limited', retryAfterSeconds: 7 }, { headers }).retryAfterSeconds,
      7,
    );
    assert.equal(diagnosisOf({ cause: 'rate_limited' }).retryAfterSeconds, null);
  });
});

describe('an answer', () => {
  it('is read as JSON whatever it is called, and is never an exception', () => {
    assert.deepEqual(
      readAnswer(answerOf({ body: '{"a":1}', headers: { 'content-type': 'text/html' } })).json,
      { a: 1 },
    );
    fc.assert(fc.property(fc.string(), (text) => assert.doesNotThrow(() => parseJson(text))));
  });

  it('keeps everything else as it was received', () => {
    const answer: ReceivedAnswer = answerOf({ status: 503, body: 'down', headers: { a: 'b' } });
    const { json, ...rest } = readAnswer(answer);
    assert.equal(json, undefined);
    assert.deepEqual(rest, answer);
  });

  it('is looked into along a path, however early it ends', () => {
    const value = { list: [{ id: 7 }], nothing: null, text: 'abc' };
    assert.equal(at(value, 'list', 0, 'id'), 7);
    for (const path of [
      ['no', 'way'],
      ['nothing', 'here'],
      ['text', 'length'],
      ['list', 1, 'id'],
    ]) {
      assert.equal(at(value, ...path), undefined);
    }
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.string()), (any, path) =>
        assert.doesNotThrow(() => at(any, ...path)),
      ),
    );
  });

  it('gives numbers as text and text as numbers, for platforms that mix them up', () => {
    const value = {
      number: 3600,
      text: '3600',
      spaced: ' 12 ',
      empty: '',
      word: 'soon',
      yes: true,
      endless: Number.POSITIVE_INFINITY,
    };
    assert.deepEqual(
      [textAt(value, 'number'), textAt(value, 'text'), textAt(value, 'yes')],
      ['3600', '3600', undefined],
    );
    assert.deepEqual(
      [numberAt(value, 'number'), numberAt(value, 'text'), numberAt(value, 'spaced')],
      [3600, 3600, 12],
    );
    for (const field of ['empty', 'word', 'yes', 'endless', 'absent'])
      assert.equal(numberAt(value, field), undefined, field);
    assert.equal(textAt(value, 'endless'), undefined);
  });
});
