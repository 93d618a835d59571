import { at, numberAt, parseJson, type ReceivedAnswer, textAt } from '../../core/answer.ts';
import type { HardEnd } from '../../core/grantFacts.ts';
import type { Instant } from '../../core/instant.ts';
import type { AppConfig, Io, Outcome, ProbeResult } from '../kit/adapter.ts';
import { debugTokenRequest, graphSucceeded } from './graph.ts';

/** What /debug_token says about a token: the one place that knows its clocks, its scopes and why it died. */
export interface TokenReport {
  readonly valid: boolean;
  /** Absent where the number was too large to survive JSON: older answers send the id as a number. */
  readonly userId: string | undefined;
  /** USER, PAGE, APP, SYSTEM_USER. */
  readonly type: string | undefined;
  /** null: never. undefined: not told. */
  readonly expiresAt: Instant | null | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly hardEnds: readonly HardEnd[];
  readonly extra: Readonly<Record<string, unknown>>;
  readonly answer: ReceivedAnswer;
}

export async function debugToken(io: Io, app: AppConfig, token: string): Promise<Outcome<TokenReport>> {
  const answer = await io.send(debugTokenRequest(app, token));
  const report = graphSucceeded(answer) ? readReport(answer) : undefined;
  return report ? { ok: true, value: report } : { ok: false, answer };
}

function readReport(answer: ReceivedAnswer): TokenReport | undefined {
  const data = at(parseJson(answer.body), 'data');
  const valid = at(data, 'is_valid');
  if (typeof valid !== 'boolean') return undefined;
  const type = textAt(data, 'type');
  const scopes = at(data, 'scopes');
  return {
    valid,
    userId: idAt(data, 'user_id'),
    type,
    expiresAt: endAt(data, 'expires_at'),
    scopes: Array.isArray(scopes) ? scopes.map(String) : undefined,
    hardEnds: dataAccessEnd(data),
    extra: { token_type: type ?? null, granular_scopes: granularScopes(data) },
    answer,
  };
}

/** Unix seconds as a moment; 0 means that there is no end. */
function endAt(data: unknown, field: string): Instant | null | undefined {
  const seconds = numberAt(data, field);
  if (seconds === undefined) return undefined;
  return seconds === 0 ? null : seconds * 1000;
}

/** A second clock of 90 days since the person last passed the dialog; no renewal extends it. Never assumed. */
function dataAccessEnd(data: unknown): readonly HardEnd[] {
  const end = endAt(data, 'data_access_expires_at');
  if (end === undefined || end === null) return [];
  return [{ kind: 'data_access', at: end, source: 'debug_token data_access_expires_at', endsGrant: false }];
}

/** Which assets the person ticked for each permission; null stands for all of them. */
function granularScopes(data: unknown): Readonly<Record<string, readonly string[] | null>> {
  const list = at(data, 'granular_scopes');
  const entries = (Array.isArray(list) ? list : []).map((entry) => {
    const targets = at(entry, 'target_ids');
    return [textAt(entry, 'scope') ?? '', Array.isArray(targets) ? targets.map(String) : null] as const;
  });
  return Object.fromEntries(entries);
}

function idAt(data: unknown, field: string): string | undefined {
  const id = at(data, field);
  if (typeof id === 'number') return Number.isSafeInteger(id) ? String(id) : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** The report as a probe's result. A failing call says nothing about the grant: it was made with the app's token. */
export function probeResult(report: Outcome<TokenReport>): ProbeResult {
  if (!report.ok) return { verdict: 'unclear', answer: report.answer };
  const { valid, expiresAt, scopes, hardEnds, extra, answer } = report.value;
  if (!valid) return { verdict: 'dead', answer };
  const ends = expiresAt === undefined ? {} : { accessExpiresAt: expiresAt, renewalExpiresAt: expiresAt };
  return {
    verdict: 'alive',
    facts: { ...ends, ...(scopes ? { scopesGranted: scopes } : {}), hardEnds, extra },
  };
}
