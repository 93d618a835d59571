import { gzipSync } from 'node:zlib';
import { DAY_MS } from '../../core/instant.ts';
import { dayBefore, type Figures, figuresBetween, isDay, total } from '../kit/figures.ts';
import { jsonOf, type SimRequest, type SimWorld } from '../kit/simulator.ts';
import { ADDRESS_LIFE_MS, addressOf, askedFor } from './simulatedReportStorage.ts';

/** Reports take their time: minutes in life, up to three hours. */
const PENDING_MS = 20_000;
const READY_MS = 60_000;
/** `spCampaigns`, https://advertising.amazon.com/API/docs/en-us/guides/reporting/v3/report-types/campaign (2025-09-16). */
const MOST_DAYS = 31;
const DAYS_KEPT = 95;

interface Report {
  readonly reportId: string;
  readonly apiHost: string;
  readonly profileId: string;
  readonly name: string | null;
  readonly startDate: string;
  readonly endDate: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly askedAt: number;
}

type Asked = Omit<Report, 'reportId' | 'askedAt'>;

/** Asynchronous reports, version 3: asked for, polled, and then fetched as a gzip file from an address of the storage. */
export class SimulatedReports {
  readonly #world: SimWorld;
  readonly #reports = new Map<string, Report>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** Status and body. The same report twice while it runs: 425, with the id of the one that runs. */
  ask(request: SimRequest, profileId: string): readonly [number, object] {
    const asked = askedIn(request, profileId);
    const wrong = this.#wrongWith(asked);
    if (wrong !== undefined) return [400, { code: '400', detail: wrong }];
    const running = [...this.#reports.values()].find((one) => this.#runs(one) && isSame(one, asked));
    if (running) return [425, { code: '425', detail: `The Request is a duplicate of : ${running.reportId}` }];
    const reportId = this.#world.token(36).toLowerCase();
    const report = { ...asked, reportId, askedAt: this.#world.now() };
    this.#reports.set(reportId, report);
    return [200, this.#told(report)];
  }

  poll(reportId: string, profileId: string): readonly [number, object] {
    const report = this.#reports.get(reportId);
    if (report?.profileId === profileId) return [200, this.#told(report)];
    return [404, { code: '404', detail: 'Report not found.' }];
  }

  /** The file that an address in the storage names: rows a day, or one in all. Undefined while there is none. */
  file(path: string): Uint8Array | undefined {
    const report = this.#reports.get(askedFor(path) ?? '');
    return report && !this.#runs(report) ? this.#fileOf(report) : undefined;
  }

  #wrongWith({ startDate, endDate, configuration }: Asked): string | undefined {
    const isSpan = isDay(startDate) && isDay(endDate) && startDate <= endDate;
    const days = (Date.parse(endDate) - Date.parse(startDate)) / DAY_MS + 1;
    if (!isSpan || days > MOST_DAYS || startDate < dayBefore(this.#world.now(), DAYS_KEPT))
      return 'configuration startDate or endDate is invalid.';
    return configuration.format === 'GZIP_JSON' ? undefined : 'configuration format is invalid.';
  }

  #fileOf({ profileId, startDate, endDate, configuration }: Report): Uint8Array {
    const days = figuresBetween(profileId, startDate, endDate, this.#world.now());
    const rows =
      configuration.timeUnit === 'DAILY'
        ? days.map((day) => ({ date: day.day, ...row(day) }))
        : [{ startDate, endDate, ...row(total(days)) }];
    const { columns } = configuration;
    const chosen = Array.isArray(columns) ? rows.map((one) => only(one, columns)) : rows;
    return gzipSync(JSON.stringify(chosen));
  }

  #runs = (report: Report): boolean => this.#world.now() < report.askedAt + READY_MS;

  #told(report: Report) {
    const { reportId, name, startDate, endDate, configuration, askedAt } = report;
    const now = this.#world.now();
    const createdAt = new Date(askedAt).toISOString();
    const common = { reportId, name, startDate, endDate, configuration, createdAt, failureReason: null };
    const none = { fileSize: null, generatedAt: null, url: null, urlExpiresAt: null };
    if (this.#runs(report)) {
      const [status, at] = now < askedAt + PENDING_MS ? ['PENDING', 0] : ['PROCESSING', PENDING_MS];
      return { ...common, ...none, status, updatedAt: new Date(askedAt + at).toISOString() };
    }
    const generatedAt = new Date(askedAt + READY_MS).toISOString();
    return {
      ...common,
      status: 'COMPLETED',
      fileSize: this.#fileOf(report).length,
      generatedAt,
      updatedAt: generatedAt,
      url: addressOf(report, now),
      urlExpiresAt: new Date(now + ADDRESS_LIFE_MS).toISOString(),
    };
  }
}

function askedIn(request: SimRequest, profileId: string): Asked {
  const { name, startDate, endDate, configuration } = jsonOf(request);
  return {
    apiHost: request.host,
    profileId,
    name: typeof name === 'string' ? name : null,
    startDate: String(startDate),
    endDate: String(endDate),
    configuration: { ...(configuration as object | undefined) },
  };
}

const isSame = (one: Report, other: Asked): boolean =>
  one.profileId === other.profileId &&
  one.startDate === other.startDate &&
  one.endDate === other.endDate &&
  JSON.stringify(one.configuration) === JSON.stringify(other.configuration);

const row = ({ spendMicros, impressions, clicks }: Figures) => ({
  cost: spendMicros / 1_000_000,
  impressions,
  clicks,
});

const only = (one: object, columns: readonly unknown[]) =>
  Object.fromEntries(Object.entries(one).filter(([name]) => columns.includes(name)));
