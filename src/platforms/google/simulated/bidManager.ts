import { jsonAnswer, jsonOf, type SimAnswer, type SimRequest, type SimWorld } from '../../kit/simulator.ts';
import { invalidArgument, notFound, rpcError } from './apiErrors.ts';
import { bidManagerFile, type SpendingAdvertiser } from './bidManagerFile.ts';
import { dateOf, paramsOf, type QueryParams, rangeOf, spanOf, wrongWithQuery } from './bidManagerQuery.ts';
import { page } from './pages.ts';
import { changedAt, progressOf, type Run } from './reportRuns.ts';
import type { Span } from './reportSpans.ts';

/** Where the files of reports lie. Their addresses are pre-authorized: they need no token, and take whoever has them in. */
export const STORAGE_HOST = 'storage.googleapis.com';
const FILE = /^\/simulated-dv360-reports\/(\w+)\.csv$/;

interface Query {
  readonly queryId: string;
  /** Who made it: nobody else sees it. */
  readonly owner: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly reports: Report[];
}

interface Report extends Run {
  readonly key: string;
  readonly span: Span;
  readonly params: QueryParams;
  readonly text: string;
}

const STATE = { queued: 'QUEUED', running: 'RUNNING', done: 'DONE' } as const;

/**
 * doubleclickbidmanager v2: queries are made, run, and leave reports behind, whose files lie in Google Cloud Storage.
 * Discovery document v2 (2024-05-29); https://developers.google.com/bid-manager/guides/scheduled-reports/overview (2026-11-22).
 */
export class BidManager {
  readonly #world: Pick<SimWorld, 'now' | 'token'>;
  readonly #queries = new Map<string, Query>();
  #lastId = 71_000_000;

  constructor(world: Pick<SimWorld, 'now' | 'token'>) {
    this.#world = world;
  }

  /** A call of somebody who reaches these advertisers. */
  handle(request: SimRequest, owner: string, reachable: readonly SpendingAdvertiser[]): SimAnswer {
    const { method } = request;
    const found = /^\/v2\/queries(?:\/(\d+)(?:(:run)|\/reports(?:\/(\d+))?)?)?$/.exec(request.path);
    if (!found) return rpcError(notFound);
    const [path, queryId, isRun, reportId] = found;
    if (queryId === undefined)
      return method === 'POST' ? this.#create(request, owner) : this.#list(request, owner);
    const query = this.#queries.get(queryId);
    if (query?.owner !== owner) return rpcError(notFound);
    if (isRun) return method === 'POST' ? this.#run(request, query, reachable) : rpcError(notFound);
    if (path.includes('/reports')) return this.#reports(request, query, reportId);
    if (method === 'DELETE') this.#queries.delete(queryId);
    return jsonAnswer(200, method === 'DELETE' ? {} : told(query));
  }

  /** The file behind an address of the storage. */
  file({ path }: SimRequest): SimAnswer {
    const key = FILE.exec(path)?.[1];
    const report = this.#all().find((one) => one.key === key);
    if (report && this.#progress(report) === 'done')
      return { status: 200, headers: { 'content-type': 'text/csv' }, body: report.text };
    const body = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>`;
    return { status: 404, headers: { 'content-type': 'application/xml; charset=UTF-8' }, body };
  }

  #all = (): readonly Report[] => [...this.#queries.values()].flatMap(({ reports }) => reports);

  #progress = (report: Report) => progressOf(report, this.#world.now());

  #nextId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }

  #create(request: SimRequest, owner: string): SimAnswer {
    const body = jsonOf(request);
    const wrong = wrongWithQuery(body, this.#world.now());
    if (wrong !== undefined) return rpcError(invalidArgument(wrong));
    const query = { queryId: this.#nextId(), owner, body, reports: [] };
    this.#queries.set(query.queryId, query);
    return jsonAnswer(200, told(query));
  }

  #list(request: SimRequest, owner: string): SimAnswer {
    const own = [...this.#queries.values()].filter((one) => one.owner === owner);
    return page(request, 'queries', own.map(told));
  }

  /** `dataRange` of the call goes before that of the query. */
  #run(request: SimRequest, query: Query, reachable: readonly SpendingAdvertiser[]): SimAnswer {
    const now = this.#world.now();
    const { dataRange = rangeOf(query.body) } = jsonOf(request);
    const span = spanOf(dataRange, now);
    if (!span) return rpcError(invalidArgument("Invalid value at 'data_range'."));
    const params = paramsOf(query.body);
    const report: Report = {
      id: this.#nextId(),
      startedAt: now,
      synchronous: request.query.get('synchronous') === 'true',
      key: this.#world.token(32),
      span,
      params,
      text: bidManagerFile(params, span, reachable, now),
    };
    query.reports.push(report);
    return jsonAnswer(200, this.#told(query, report));
  }

  #reports(request: SimRequest, query: Query, reportId: string | undefined): SimAnswer {
    if (request.method !== 'GET') return rpcError(notFound);
    const report = query.reports.find(({ id }) => id === reportId);
    if (report) return jsonAnswer(200, this.#told(query, report));
    if (reportId !== undefined) return rpcError(notFound);
    const listed = query.reports.map((one) => this.#told(query, one));
    const newestFirst = request.query.get('orderBy') === 'key.reportId desc';
    return page(request, 'reports', newestFirst ? listed.reverse() : listed);
  }

  #told({ queryId }: Query, report: Report) {
    const [first, last] = report.span;
    const progress = this.#progress(report);
    const finishTime = new Date(changedAt(report, this.#world.now())).toISOString();
    const path = `https://${STORAGE_HOST}/simulated-dv360-reports/${report.key}.csv`;
    const isDone = progress === 'done';
    return {
      key: { queryId, reportId: report.id },
      metadata: {
        status: { state: STATE[progress], format: 'CSV', ...(isDone ? { finishTime } : {}) },
        reportDataStartDate: dateOf(first),
        reportDataEndDate: dateOf(last),
        ...(isDone ? { googleCloudStoragePath: path } : {}),
      },
      params: report.params,
    };
  }
}

const told = ({ queryId, body }: Query) => ({ queryId, ...body });
