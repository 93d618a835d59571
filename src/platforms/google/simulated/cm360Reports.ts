import { jsonAnswer, jsonOf, type SimAnswer, type SimRequest } from '../../kit/simulator.ts';
import { invalidArgument, legacyError, notFound } from './apiErrors.ts';
import { type Criteria, criteriaIn, wrongWith } from './cm360Criteria.ts';
import { cm360File } from './cm360File.ts';
import { changedAt, progressOf, type Run } from './reportRuns.ts';

/** A user profile in a network, whose reports these are. */
export interface Owner {
  readonly profileId: string;
  readonly accountId: string;
  readonly advertiser: { readonly id: string; readonly accountId: string; readonly name: string };
}

interface Report {
  readonly id: string;
  readonly owner: Owner;
  readonly changedAt: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly files: FileOfReport[];
}

/** What was asked for when it was run: a later change of the report leaves it as it is. */
interface FileOfReport extends Run {
  readonly name: string;
  readonly fileName: string;
  readonly criteria: Criteria;
}

/** `maxResults` of both lists: from 0 to 10. */
const LARGEST_PAGE = 10;
const STATUS = { queued: 'QUEUED', running: 'PROCESSING', done: 'REPORT_AVAILABLE' } as const;

/**
 * Reports and their files: defined, run, polled and fetched, as in https://developers.google.com/doubleclick-advertisers/rest/v5
 * (File, reports; looked up 2026-11-22). Of the kinds of reports STANDARD alone.
 */
export class Cm360Reports {
  readonly #now: () => number;
  readonly #reports = new Map<string, Report>();
  #lastId = 61_000_000;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What lies below `userprofiles/{profileId}/reports`. */
  handle(request: SimRequest, owner: Owner, [id, verb, fileId]: readonly string[]): SimAnswer {
    const { method } = request;
    if (id === undefined)
      return method === 'POST' ? this.#insert(request, owner) : this.#list(request, owner);
    const report = this.#reports.get(id);
    if (report?.owner.profileId !== owner.profileId) return legacyError(notFound);
    if (verb === 'run' && method === 'POST') return this.#run(request, report);
    if (verb === 'files')
      return fileId === undefined ? this.#files(request, [report]) : this.#file(request, report, fileId);
    if (verb !== undefined) return legacyError(notFound);
    if (method === 'PUT') return this.#insert(request, owner, report);
    if (method === 'DELETE') this.#reports.delete(id);
    return method === 'DELETE' ? { status: 204, body: '' } : jsonAnswer(200, told(report));
  }

  /** `userprofiles/{profileId}/files`: those of all reports. */
  filesOf(request: SimRequest, owner: Owner): SimAnswer {
    return this.#files(request, this.#of(owner));
  }

  /** `reports/{reportId}/files/{fileId}`, which names no profile: of these owners. */
  fileBy(request: SimRequest, owners: readonly Owner[], reportId: string, fileId: string): SimAnswer {
    const report = this.#reports.get(reportId);
    const isTheirs = owners.some(({ profileId }) => profileId === report?.owner.profileId);
    return report && isTheirs ? this.#file(request, report, fileId) : legacyError(notFound);
  }

  #of = (owner: Owner): readonly Report[] =>
    [...this.#reports.values()].filter((one) => one.owner.profileId === owner.profileId);

  #nextId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }

  #insert(request: SimRequest, owner: Owner, before?: Report): SimAnswer {
    const body = jsonOf(request);
    const wrong = wrongWith(body, this.#now());
    if (wrong !== undefined) return legacyError({ ...invalidArgument(wrong), legacy: 'invalidParameter' });
    const id = before?.id ?? this.#nextId();
    const report = { id, owner, body, changedAt: this.#now(), files: before?.files ?? [] };
    this.#reports.set(id, report);
    return jsonAnswer(200, told(report));
  }

  #list(request: SimRequest, owner: Owner): SimAnswer {
    return page(request, 'reportList', this.#of(owner).map(told));
  }

  #run(request: SimRequest, report: Report): SimAnswer {
    const now = this.#now();
    const synchronous = request.query.get('synchronous') === 'true';
    const name = String(report.body.name);
    const fileName = String(report.body.fileName ?? name);
    const criteria = criteriaIn(report.body, now)!;
    const file = { id: this.#nextId(), startedAt: now, synchronous, name, fileName, criteria };
    report.files.push(file);
    return jsonAnswer(200, this.#told(report, file));
  }

  /** The newest first. */
  #files(request: SimRequest, reports: readonly Report[]): SimAnswer {
    const runs = reports.flatMap((report) => report.files.map((run) => ({ report, run })));
    runs.sort((one, other) => Number(other.run.id) - Number(one.run.id));
    return page(
      request,
      'fileList',
      runs.map(({ report, run }) => this.#told(report, run)),
    );
  }

  #file(request: SimRequest, report: Report, fileId: string): SimAnswer {
    const run = report.files.find(({ id }) => id === fileId);
    if (!run) return legacyError(notFound);
    if (request.query.get('alt') !== 'media') return jsonAnswer(200, this.#told(report, run));
    if (progressOf(run, this.#now()) !== 'done') return legacyError(notFound);
    const body = cm360File(run.name, run.criteria, report.owner.advertiser, run.startedAt);
    return { status: 200, headers: { 'content-type': 'text/csv' }, body };
  }

  #told({ id: reportId }: Report, run: FileOfReport) {
    const now = this.#now();
    const progress = progressOf(run, now);
    const [startDate, endDate] = run.criteria.span;
    const apiUrl = `https://dfareporting.googleapis.com/dfareporting/v5/reports/${reportId}/files/${run.id}?alt=media`;
    return {
      kind: 'dfareporting#file',
      etag: '"simulated"',
      reportId,
      id: run.id,
      lastModifiedTime: String(changedAt(run, now)),
      status: STATUS[progress],
      fileName: run.fileName,
      dateRange: { kind: 'dfareporting#dateRange', startDate, endDate },
      ...(progress === 'done' ? { format: 'CSV', urls: { apiUrl } } : {}),
    };
  }
}

const told = ({ id, owner, body, changedAt: at }: Report) => ({
  format: 'CSV',
  ...body,
  kind: 'dfareporting#report',
  etag: '"simulated"',
  id,
  ownerProfileId: owner.profileId,
  accountId: owner.accountId,
  lastModifiedTime: String(at),
});

function page(request: SimRequest, kind: string, entries: readonly object[]): SimAnswer {
  const start = Number(request.query.get('pageToken') ?? 0);
  const size = Math.min(Number(request.query.get('maxResults') ?? LARGEST_PAGE), LARGEST_PAGE);
  const more = start + size < entries.length ? { nextPageToken: String(start + size) } : {};
  const items = entries.slice(start, start + size);
  return jsonAnswer(200, { kind: `dfareporting#${kind}`, etag: '"simulated"', ...more, items });
}
